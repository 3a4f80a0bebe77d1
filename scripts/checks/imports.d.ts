export interface Import {
  readonly from: string
  readonly type: boolean
  readonly dynamic: boolean
}
export function importProblems(root: string): string[]
export function importsOf(text: string): Import[]
export function directionProblems(file: string, imports: readonly Import[]): string[]
export function appProblems(file: string, imports: readonly Import[], packages: ReadonlySet<string>): string[]
export function cycles(graph: ReadonlyMap<string, readonly string[]>): string[]
