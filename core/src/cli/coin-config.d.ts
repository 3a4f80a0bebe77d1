/** The deployment's coin.config.ts, put in place by the launcher. */
declare module 'coin:config' {
  const config: import('../app/config.ts').Config
  export default config
}
