import type { Command } from 'commander';

/** Fields whose option has another name than what can be told from theirs. */
const otherNames: Readonly<Record<string, string>> = { ipAllowlist: 'ip', document: 'file', keys: 'file' };

/**
 * A field of the API as whoever typed the command knows it: by the option or argument that it was given in
 * (`/expiresAt` is `--expires-at`, `/scopes/1` is the second value of `--scope`). As it is where there is none.
 */
export function nameOfField(command: Command | undefined, pointer: string): string {
  const [field = '', ...rest] = pointer.replace(/^[/?]/, '').split('/');
  const name = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const names = [otherNames[field], name, name.replace(/-id$/, ''), name.replace(/s$/, '')];
  const option = command?.options.find((each) => names.includes(each.name()));
  if (option?.long != null) {
    const isOfSeveral = option.variadic && /^\d+$/.test(rest[0] ?? '');
    return isOfSeveral ? `${option.long}, value ${Number(rest[0]) + 1}` : option.long;
  }
  const argument = command?.registeredArguments.find((each) => names.includes(each.name()));
  if (argument === undefined) return pointer;
  // What is said of an OpenAPI document begins with the place in it.
  const place = rest.length === 0 || field === 'document' ? '' : `, at /${rest.join('/')}`;
  return `<${argument.name()}>${place}`;
}
