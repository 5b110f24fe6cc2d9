import type { Command } from 'commander';
import { apiBodyLimit } from '../domain/apis/api-fields.ts';
import { deleteApi } from '../domain/apis/delete-api.ts';
import { getApi } from '../domain/apis/get-api.ts';
import { importApi, importApiInput } from '../domain/apis/import-api.ts';
import { listApis, listApisQuery } from '../domain/apis/list-apis.ts';
import { actInOrganization } from './act-in-organization.ts';
import { addListCommand } from './add-list-command.ts';
import { describeApi, describeImport, rowOfApi } from './api-text.ts';
import type { CommandDeps } from './build-program.ts';
import { findApiId } from './find-api-id.ts';
import { parseInput } from './parse-input.ts';
import { readText } from './read-text.ts';

type ImportOptions = { slug: string; name?: string; proposedScopes: boolean };

export function addApiCommands(program: Command, deps: CommandDeps): void {
  const group = program.command('apis').description('the APIs that keys protect');
  const importing = group
    .command('import')
    .description(
      'make an API from an OpenAPI document, or update it; connections to endpoints that stay are kept',
    )
    .argument('<file>', 'the document, JSON or YAML, or - for standard input')
    .requiredOption('--slug <slug>', 'the short name of the API, such as accounting; it is made or updated')
    .option('--name <name>', "what it is called; otherwise the document's title")
    .option(
      '--no-proposed-scopes',
      'propose no <slug>:read and <slug>:full where the document declares no scopes',
    );
  actInOrganization<ImportOptions>(importing, deps, async (ctx, { argument, options, say }) => {
    const input = parseInput(
      importApiInput,
      {
        slug: options.slug,
        ...(options.name === undefined ? {} : { name: options.name }),
        document: await readText(argument, apiBodyLimit),
        proposeScopes: options.proposedScopes,
      },
      { documents: ['document'] },
    );
    const { result, propagation, created } = await importApi(ctx, input);
    const { api, report } = result.value;
    say({ api, report, propagation }, () => describeImport(api, report, created));
  });
  addListCommand(group, deps, {
    what: 'APIs, newest first',
    filters: [['--slug <slug>', 'only the one with this short name']],
    query: listApisQuery,
    read: listApis,
    row: rowOfApi,
    whenEmpty: 'There are no APIs yet. Make one: keywright apis import <file> --slug <slug>',
  });
  actInOrganization(
    group.command('show').description('show an API with its scopes and endpoints').argument('<id or slug>'),
    deps,
    async (ctx, { argument, say }) => {
      const { value } = await getApi(ctx, await findApiId(ctx, argument));
      say(value, () => describeApi(value));
    },
  );
  actInOrganization(
    group
      .command('delete')
      .description('delete an API with its scopes, endpoints and all connections to it')
      .argument('<id>'),
    deps,
    async (ctx, { argument, say }) => {
      const { result, propagation } = await deleteApi(ctx, argument);
      say({ ...result, propagation }, () => `Deleted ${result.id}: no key passes there any more.`);
    },
  );
}
