import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Tx } from '../db/database.ts'

export interface NewFile {
  readonly content: Uint8Array
  /** Such as `application/pdf`. */
  readonly mediaType: string
  /** What it is called when nobody says otherwise. */
  readonly name?: string
}

export interface StoredFile {
  /** SHA-256 of the content, in hexadecimal. */
  readonly hash: string
  readonly mediaType: string
  readonly name: string | null
  readonly createdAt: string
  readonly content: Buffer
}

/** Keeps a generated file for ever, once: the same content again is the file that is there, under its first type and name. Returns its hash. */
export async function storeFile(tx: Tx, { content, mediaType, name }: NewFile): Promise<string> {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const hash = createHash('sha256').update(bytes).digest()
  await tx.execute(sql`
    INSERT INTO coin.file (hash, media_type, name, content) VALUES (${hash}, ${mediaType}, ${name ?? null}, ${bytes}) ON CONFLICT (hash) DO NOTHING`)
  return hash.toString('hex')
}

/** The same for several, in one statement. Returns their hashes, in their order. */
export async function storeFiles(tx: Tx, files: readonly NewFile[]): Promise<readonly string[]> {
  if (files.length === 0) return []
  const contents = files.map(({ content }) => Buffer.from(content.buffer, content.byteOffset, content.byteLength))
  const hashes = contents.map(bytes => createHash('sha256').update(bytes).digest())
  await tx.execute(sql`
    INSERT INTO coin.file (hash, media_type, name, content)
    SELECT * FROM unnest(${sql.param(hashes)}::bytea[], ${sql.param(files.map(({ mediaType }) => mediaType))}::text[],
      ${sql.param(files.map(({ name }) => name ?? null))}::text[], ${sql.param(contents)}::bytea[]) ON CONFLICT (hash) DO NOTHING`)
  return hashes.map(hash => hash.toString('hex'))
}

/** A file by its hash; undefined when there is none. */
export async function readFile(db: Tx, hash: string): Promise<StoredFile | undefined> {
  const { rows } = await db.execute<StoredFile & Record<string, unknown>>(sql`
    SELECT encode(hash, 'hex') AS hash, media_type AS "mediaType", name, to_json(created_at) #>> '{}' AS "createdAt", content
    FROM coin.file WHERE hash = ${Buffer.from(hash, 'hex')}`)
  return rows[0]
}

/** The contents of several files by their hashes, in one statement. */
export async function readContents(db: Tx, hashes: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
  if (hashes.length === 0) return new Map()
  const { rows } = await db.execute<{ hash: string; content: Buffer }>(sql`
    SELECT encode(hash, 'hex') AS hash, content FROM coin.file WHERE hash = ANY (${sql.param(hashes.map(hash => Buffer.from(hash, 'hex')))}::bytea[])`)
  return new Map(rows.map(({ hash, content }) => [hash, content]))
}
