/** Runs `work` while no other process holds `file`. `waiting` is called once if somebody does. */
export function withLock<T>(file: string, work: () => Promise<T> | T, waiting?: () => void): Promise<T>
