import type { Writer } from '../../database/database.ts';
import type { Ctx } from '../context.ts';
import { AppError, type FieldError } from '../errors.ts';
import type { Connection } from './connections.ts';

/**
 * Every API is the organization's and named once; every endpoint is its API's and named once.
 * @throws AppError `invalid_request`, pointing at each place that is wrong.
 */
export async function checkConnections(
  ctx: Ctx,
  tx: Writer,
  connections: readonly Connection[],
): Promise<void> {
  const apiIds = connections.map((connection) => connection.apiId);
  const known = await findKnownApis(ctx, tx, apiIds);
  const fields: FieldError[] = [];
  for (const [index, { apiId, endpoints }] of connections.entries()) {
    const pointer = `/connections/${index}`;
    if (apiIds.indexOf(apiId) < index) {
      fields.push({
        pointer: `${pointer}/apiId`,
        message: 'is given twice; put its endpoints into one list',
      });
    } else if (!known.has(apiId)) {
      fields.push({
        pointer: `${pointer}/apiId`,
        message: 'there is no API with this id; GET /v1/apis lists them',
      });
    } else if (endpoints !== 'all') {
      const ofApi = await findEndpointIds(ctx, tx, apiId, endpoints);
      fields.push(...checkEndpoints(endpoints, ofApi, apiId, `${pointer}/endpoints`));
    }
  }
  if (fields.length === 0) return;
  const plural = fields.length > 1 ? `${fields.length} fields that are` : 'a field that is';
  throw new AppError('invalid_request', `The request has ${plural} not right.`, {
    fields: fields.slice(0, 100),
  });
}

function checkEndpoints(
  endpoints: readonly string[],
  ofApi: ReadonlySet<string>,
  apiId: string,
  pointer: string,
): FieldError[] {
  const seen = new Set<string>();
  return endpoints.flatMap((id, index) => {
    const isRepeated = seen.has(id);
    seen.add(id);
    if (isRepeated) return [{ pointer: `${pointer}/${index}`, message: 'is given twice; give it once' }];
    if (ofApi.has(id)) return [];
    return [
      {
        pointer: `${pointer}/${index}`,
        message: `is no endpoint of this API; GET /v1/apis/${apiId} lists them`,
      },
    ];
  });
}

async function findKnownApis(ctx: Ctx, tx: Writer, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx
    .selectFrom('api')
    .select('id')
    .where('organization_id', '=', ctx.organizationId)
    .where('id', 'in', [...ids])
    .execute();
  return new Set(rows.map((row) => row.id));
}

/** Of an API's endpoints at least those that are asked about. */
async function findEndpointIds(
  ctx: Ctx,
  tx: Writer,
  apiId: string,
  asked: readonly string[],
): Promise<ReadonlySet<string>> {
  if (asked.length === 0) return new Set();
  const select = tx
    .selectFrom('endpoint')
    .select('id')
    .where('organization_id', '=', ctx.organizationId)
    .where('api_id', '=', apiId);
  // A statement takes only so many parameters; a long list is compared with all that the API has.
  const rows = await (asked.length > 500 ? select : select.where('id', 'in', [...asked])).execute();
  return new Set(rows.map((row) => row.id));
}
