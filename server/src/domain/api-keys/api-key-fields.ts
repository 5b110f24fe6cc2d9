import { z } from 'zod';
import { parseIpRange } from '../../lib/ip-range.ts';
import { environmentField, idField, instantField, nameField } from '../fields.ts';
import { jsonObjectField } from '../json-object-field.ts';

const scopesField = z
  .array(z.string().min(1).max(200), { error: 'must be a list of scope names' })
  .max(200, { error: 'must name at most 200 scopes' })
  .transform((scopes) => [...new Set(scopes)]);

const ipRangeField = z
  .string({ error: 'must be an IP address or CIDR' })
  .max(100)
  .transform((text, check) => {
    const range = parseIpRange(text);
    if (range.ok) return range.canonical;
    check.addIssue({ code: 'custom', message: range.message });
    return z.NEVER;
  });

const ipAllowlistField = z
  .array(ipRangeField, { error: 'must be a list of IP addresses or CIDRs, or null for any address' })
  .min(1, { error: 'must name at least one range; send null to allow any address' })
  .max(100, { error: 'must name at most 100 ranges' })
  .nullable();

const profileIdField = idField('prof', 'a profile').nullable();
const expiresAtField = instantField
  .nullable()
  .meta({ description: "Without it, the policy's longest lifetime applies, or none." });

export const createApiKeyInput = z.strictObject({
  name: nameField(),
  applicationId: idField('app', 'an application'),
  environment: environmentField,
  scopes: scopesField.default([]),
  profileId: profileIdField.optional(),
  ipAllowlist: ipAllowlistField.optional(),
  expiresAt: expiresAtField.optional(),
  metadata: jsonObjectField.optional(),
});

/** A key stays with its application and environment: its secret's prefix says where it belongs. */
export const updateApiKeyInput = z.strictObject({
  name: nameField().optional(),
  scopes: scopesField.optional(),
  profileId: profileIdField.optional(),
  ipAllowlist: ipAllowlistField.optional(),
  expiresAt: expiresAtField.optional(),
  metadata: jsonObjectField.optional(),
});

export type CreateApiKeyInput = z.infer<typeof createApiKeyInput>;
export type UpdateApiKeyInput = z.infer<typeof updateApiKeyInput>;
