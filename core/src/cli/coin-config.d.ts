/** The deployment's coin.config.ts, found by `bin/coin.js`. */
declare module 'coin:config' {
  const config: import('../app/config.ts').Config
  export default config
}
