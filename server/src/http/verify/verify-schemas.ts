import { z } from 'zod';
import { environmentField } from '../../domain/fields.ts';

/** Text that is only compared, never stored; bounded so that it costs little. */
const text = (longest: number) =>
  z.string({ error: `must be text of at most ${longest} characters` }).max(longest, {
    error: `must have at most ${longest} characters`,
  });

export const verifyInput = z.strictObject({
  secret: text(1_024).meta({
    description: 'What was presented. Any text: what is no key is denied as malformed.',
  }),
  apiKeyId: text(100)
    .optional()
    .meta({ description: 'Presented beside the secret; the two must belong together.' }),
  api: text(100)
    .optional()
    .meta({ description: "The API's id or slug. With it, method and path are needed too." }),
  method: text(50).optional(),
  path: text(16_384).optional().meta({ description: 'The raw request target, as the client sent it.' }),
  scopes: z
    .array(text(200), { error: 'must be a list of scope names' })
    .max(100, { error: 'must name at most 100 scopes' })
    .default([])
    .meta({ description: 'Scopes that the caller needs, all of them, beside those of the endpoint.' }),
  environment: environmentField.default('production'),
  ip: text(100)
    .optional()
    .meta({ description: 'The address of the client. Needed where the key has an IP list.' }),
  userAgent: text(2_000).optional(),
});

const reasons = [
  'malformed',
  'unknown_key',
  'revoked',
  'expired',
  'inactive',
  'wrong_environment',
  'ip_not_allowed',
  'unknown_endpoint',
  'endpoint_not_connected',
  'insufficient_scope',
] as const;

export const verificationSchema = z
  .union([
    z.object({
      allowed: z.literal(true),
      apiKey: z.object({
        id: z.string(),
        name: z.string(),
        environment: environmentField,
        scopes: z.array(z.string()),
        expiresAt: z.string().nullable(),
        metadata: z.record(z.string(), z.unknown()),
      }),
      application: z.object({ id: z.string(), title: z.string() }),
      organization: z.object({ id: z.string() }),
      profile: z.object({ id: z.string(), name: z.string(), settings: z.unknown() }).nullable(),
    }),
    z.object({
      allowed: z.literal(false),
      reason: z.enum(reasons),
      apiKey: z.object({ id: z.string(), name: z.string() }).optional(),
    }),
  ])
  .meta({ id: 'Verification', description: 'One decision about one presented secret.' });
