import { z } from 'zod';
import type { Reader } from '../../database/database.ts';
import { eachInTurns } from '../../lib/each-in-turns.ts';
import type { Ctx } from '../context.ts';

export type StoredScope = { name: string; description: string; access: 'read' | 'full' };
export type StoredEndpoint = { id: string; method: string; path: string; shape: string; scopes: string[] };

/** Scopes in the order in which they were given, endpoints in the order in which they were made. */
export type ApiParts = { scopes: StoredScope[]; endpoints: StoredEndpoint[] };

const scopeList = z.array(z.string());
/** Endpoints that are read before others are let in. */
const perTurn = 1_000;

export async function readApiParts(ctx: Ctx, reader: Reader, apiId: string): Promise<ApiParts> {
  const scopes = await reader
    .selectFrom('scope')
    .select(['name', 'description', 'access'])
    .where('organization_id', '=', ctx.organizationId)
    .where('api_id', '=', apiId)
    .orderBy('position')
    .execute();
  const endpoints = await reader
    .selectFrom('endpoint')
    .select(['id', 'method', 'path', 'shape', 'scopes'])
    .where('organization_id', '=', ctx.organizationId)
    .where('api_id', '=', apiId)
    .orderBy('id')
    .execute();
  const parsed: StoredEndpoint[] = [];
  await eachInTurns(endpoints, perTurn, (row) => {
    parsed.push({ ...row, scopes: scopeList.parse(JSON.parse(row.scopes)) });
  });
  return { scopes, endpoints: parsed };
}
