export { default } from '../core/src/testing/setup.ts'
