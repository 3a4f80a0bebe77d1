import * as z from 'zod'

/** What members may change of themselves at most: the rest says who somebody is, and only staff change it. */
const own = [
  'nickname',
  'email',
  'mobilePhone',
  'homePhone',
  'address',
  'postalCode',
  'city',
  'country',
  'language',
  'feeReminders',
  'openpgpKey',
  'sshKeys',
] as const
export type OwnField = (typeof own)[number]

/** What members may change of themselves here. */
export const editableSchema = z.array(z.enum(own, `is none of ${own.join(', ')}`)).default([...own])
