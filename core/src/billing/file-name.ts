/** A number as a file may be called: a pattern may hold what no file name can. */
export const fileNameOf = (number: string): string => number.replace(/[^\p{L}\p{N}._-]+/gu, '-')
