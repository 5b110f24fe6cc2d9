export type PresentedKey =
  | { kind: 'none' }
  | { kind: 'malformed' }
  | { kind: 'secret'; secret: string; apiKeyId: string | null };

/** Longest header value that is looked at: an id and a secret of 512 characters in base64 are far shorter. */
const LONGEST_VALUE = 4096;

const VISIBLE = /^[\x21-\x7e]+$/;

/** A scheme and its one argument, with one or more spaces between (RFC 9110 11.4, RFC 6750 2.1). */
const AUTHORIZATION = /^([A-Za-z]+) +([\x21-\x7e]+)$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

const MALFORMED: PresentedKey = { kind: 'malformed' };

/**
 * Reads the one presented key out of `Authorization` (`Bearer <secret>`, or Basic with the key's id as user name and the
 * secret as password) or `X-API-Key`. `headers` has every copy that was sent of each, unjoined and with outer blanks removed.
 *
 * `none` means that neither header was sent. What was sent and cannot be read is `malformed`: an unknown scheme, an empty value,
 * and more than one value in all, even if equal or if one is unreadable; whoever comes after us might pick the other one.
 * `secretAsUserName` also takes Basic with the secret as user name and an empty password (curl's `-u secret:`).
 *
 * `secret` was not checked further: `parseSecret` does. `apiKeyId` is what the client sent as user name, and may be anything,
 * a misplaced secret too: compare it, never log it.
 */
export function readPresentedKey(
  headers: { authorization: readonly string[]; apiKey: readonly string[] },
  options: { secretAsUserName: boolean },
): PresentedKey {
  const [authorization] = headers.authorization;
  const [apiKey] = headers.apiKey;
  const copies = headers.authorization.length + headers.apiKey.length;
  if (copies === 0) return { kind: 'none' };
  const value = authorization ?? apiKey;
  if (copies > 1 || value === undefined || value.length > LONGEST_VALUE) return MALFORMED;

  if (authorization === undefined) return VISIBLE.test(value) ? secretAlone(value) : MALFORMED;
  const [, scheme, argument] = AUTHORIZATION.exec(value) ?? [];
  if (scheme === undefined || argument === undefined) return MALFORMED;
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return secretAlone(argument);
    case 'basic':
      return readBasic(argument, options.secretAsUserName);
    default:
      return MALFORMED;
  }
}

function secretAlone(secret: string): PresentedKey {
  return { kind: 'secret', secret, apiKeyId: null };
}

/** RFC 7617: base64 of `user:password` in UTF-8, without control characters; the first colon splits. */
function readBasic(argument: string, secretAsUserName: boolean): PresentedKey {
  const text = decodeBase64(argument);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon === -1 || CONTROL.test(text)) return MALFORMED;
  const user = text.slice(0, colon);
  const password = text.slice(colon + 1);
  if (user === '') return MALFORMED;
  if (password === '') return secretAsUserName ? secretAlone(user) : MALFORMED;
  return { kind: 'secret', secret: password, apiKeyId: user };
}

/** Null unless `text` is exactly the base64 of some UTF-8. Node alone would skip what is no base64, and read two values as one. */
function decodeBase64(text: string): string | null {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
