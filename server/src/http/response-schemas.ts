import { z } from 'zod';
import { propagationField } from '../domain/fields.ts';

/** One page of a list. */
export function pageOf(item: z.ZodType) {
  return z.object({
    data: z.array(item),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'Send it as `cursor` to read on; null: this was the last page.' }),
  });
}

/** The object after the change, with how far the change has reached. */
export function changedObject<Shape extends z.ZodRawShape>(object: z.ZodObject<Shape>) {
  return object.extend({
    propagation: propagationField,
    replayed: z
      .boolean()
      .optional()
      .meta({ description: 'True where this answers a repeated Idempotency-Key.' }),
  });
}

export const deletedObject = z.object({ id: z.string(), propagation: propagationField });

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string(),
    requestId: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'Every field that is wrong, and the remedy.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });
