import type { Command } from 'commander';
import type { Api } from '../domain/apis/api.ts';
import { getApi } from '../domain/apis/get-api.ts';
import type { Connection } from '../domain/applications/connections.ts';
import { getConnections } from '../domain/applications/get-connections.ts';
import { replaceConnections } from '../domain/applications/replace-connections.ts';
import type { Ctx } from '../domain/context.ts';
import { AppError } from '../domain/errors.ts';
import { type Asked, actInOrganization } from './act-in-organization.ts';
import { describeConnections } from './application-text.ts';
import type { CommandDeps } from './build-program.ts';
import { findApiId } from './find-api-id.ts';

type Options = { api: string; endpoint?: string[] };

/** `connect` sets what an application may call at one API, `disconnect` takes it away; other APIs stay as they are. */
export function addConnectCommands(group: Command, deps: CommandDeps): void {
  const about = (name: string, description: string) =>
    group
      .command(name)
      .description(description)
      .argument('<id>', 'the application')
      .requiredOption('--api <id or slug>', 'the API');
  actInOrganization<Options>(
    about('connect', 'let an application call an API: all of it, or the endpoints that are named').option(
      '--endpoint <endpoints...>',
      'only these, each as "GET /orders/{id}" or by its id',
    ),
    deps,
    async (ctx, asked) => {
      const { api: idOrSlug, endpoint } = asked.options;
      const { value: api } = await getApi(ctx, await findApiId(ctx, idOrSlug));
      const endpoints = endpoint === undefined ? ('all' as const) : findEndpoints(api, endpoint);
      await change(ctx, asked, api.id, (others) => [...others, { apiId: api.id, endpoints }]);
    },
  );
  actInOrganization<Options>(
    about('disconnect', 'let an application call nothing of an API any more'),
    deps,
    async (ctx, asked) => change(ctx, asked, await findApiId(ctx, asked.options.api), (others) => others),
  );
}

async function change(
  ctx: Ctx,
  { argument: applicationId, say }: Asked<Options>,
  apiId: string,
  next: (others: Connection[]) => Connection[],
): Promise<void> {
  const { value, revision } = await getConnections(ctx, applicationId);
  const connections = next(value.connections.filter((connection) => connection.apiId !== apiId));
  // Somebody else may have changed them since: then this is refused, and done again by whoever runs it.
  const { result, propagation } = await replaceConnections(ctx, applicationId, {
    connections,
    expectedRevision: revision,
  });
  say({ ...result.value, propagation }, () =>
    result.value.connections.length === 0
      ? 'It may call nothing now.'
      : `It may call:  ${describeConnections(result.value.connections)}`,
  );
}

/** @throws AppError that names what is no endpoint of the API. */
function findEndpoints(api: Api, asked: readonly string[]): string[] {
  return asked.map((text) => {
    const [method, path] = text.trim().split(/\s+/);
    const found = api.endpoints.find(
      (endpoint) =>
        endpoint.id === text || (endpoint.method === method?.toUpperCase() && endpoint.path === path),
    );
    if (found !== undefined) return found.id;
    throw new AppError(
      'invalid_request',
      `${api.slug} has no endpoint "${text}". Write it as "GET /path/{parameter}"; see: keywright apis show ${api.slug}`,
    );
  });
}
