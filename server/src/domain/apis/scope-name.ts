import { z } from 'zod';

/**
 * What a scope may be called: 1 to 100 characters of the scope-token of RFC 6749 section 3.3, fewer than it allows.
 * URLs fit (`https://www.googleapis.com/auth/drive`). Left out on purpose: the space that separates scopes in a header,
 * quotes and backslashes, and `*`, which would look like a wildcard and be none.
 */
export const SCOPE_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/;

export const scopeNameSchema = z
  .string()
  .regex(
    SCOPE_NAME_PATTERN,
    'A scope name has 1 to 100 letters, digits or . _ : / - and begins with a letter or digit, like accounting:read.',
  );
