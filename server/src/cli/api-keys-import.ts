import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { importApiKeys } from '../domain/api-keys/import-api-keys.ts';
import { importApiKeysInput } from '../domain/api-keys/import-api-keys-input.ts';
import { AppError } from '../domain/errors.ts';
import { actInOrganization } from './act-in-organization.ts';
import type { CommandDeps } from './build-program.ts';
import { parseInput } from './parse-input.ts';

type Options = { allowWeak?: boolean };

/** Exit code 1 where a row was refused: a script must not go on as if all had been taken over. */
export function addApiKeyImportCommand(group: Command, deps: CommandDeps): void {
  const command = group
    .command('import')
    .description(
      'take over keys of another system from a JSON file: a list of {name, applicationId, environment, scopes?, expiresAt?, and secret or sha256}',
    )
    .argument('<file>', 'the file, or - for standard input')
    .option('--allow-weak', 'take raw keys that look guessable');
  actInOrganization<Options>(command, deps, async (ctx, { argument, options, say }) => {
    const input = parseInput(
      importApiKeysInput,
      { keys: readKeys(argument), allowWeak: options.allowWeak ?? false },
      { secrets: ['secret'] },
    );
    const { result, propagation } = await importApiKeys(ctx, input);
    say({ ...result, propagation }, () =>
      [
        `${result.imported} imported, ${result.alreadyImported} there already, ${result.refused} refused`,
        ...result.rows
          .filter((row) => row.outcome === 'refused')
          .map((row) => `  row ${row.index}: ${row.problem}`),
      ].join('\n'),
    );
    if (result.refused > 0) process.exitCode = 1;
  });
}

function readKeys(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new AppError(
      'invalid_request',
      `${file} cannot be read (${(error as { code?: string }).code ?? 'unknown'}).`,
    );
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : (parsed as { keys?: unknown } | null)?.keys;
  } catch {
    // The parser's message would quote the file, which holds secrets.
    throw new AppError('invalid_request', `${file} is not JSON. Write a list of keys.`);
  }
}
