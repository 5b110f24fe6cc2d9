import { eachInTurns } from '../../lib/each-in-turns.ts';
import { compileTemplate } from '../../lib/path-template.ts';
import { AppError, type FieldError } from '../errors.ts';
import type { EndpointInput, ScopeInput } from './api-fields.ts';

/** An endpoint as it is stored; `shape` is its path without the names of its parameters. */
export type CheckedEndpoint = { method: string; path: string; shape: string; scopes: string[] };

/** How many wrong fields an answer names. */
const mostFields = 100;

/** Endpoints that are checked before others are let in. */
const perTurn = 500;

/**
 * Checks that scopes and endpoints fit together: every scope once, every endpoint once (by method and shape), every path
 * one that a request can have, and every scope that an endpoint asks for among `scopes`. Others are let in between.
 * @throws AppError `invalid_request`, naming each wrong field and its remedy.
 */
export async function checkDefinition(
  scopes: readonly Pick<ScopeInput, 'name'>[],
  endpoints: readonly EndpointInput[],
): Promise<CheckedEndpoint[]> {
  const fields: FieldError[] = [];
  const names = new Map<string, number>();
  for (const [index, { name }] of scopes.entries()) {
    const first = names.get(name);
    if (first === undefined) names.set(name, index);
    else
      fields.push({
        pointer: `/scopes/${index}/name`,
        message: `is the scope /scopes/${first} again; remove one`,
      });
  }

  const seen = new Map<string, number>();
  const checked: CheckedEndpoint[] = [];
  await eachInTurns(endpoints, perTurn, ({ method, path, scopes: asked }, index) => {
    const place = `/endpoints/${index}`;
    for (const [position, name] of asked.entries()) {
      if (names.has(name)) continue;
      const message = `${name} is not a scope of this API; declare it in scopes, or remove it here`;
      fields.push({ pointer: `${place}/scopes/${position}`, message });
    }
    const compiled = compileTemplate(path);
    if (!compiled.ok) {
      fields.push({ pointer: `${place}/path`, message: compiled.message.replace(/^path: /, '') });
      return;
    }
    const { shape } = compiled.template;
    const first = seen.get(`${method} ${shape}`);
    if (first === undefined) seen.set(`${method} ${shape}`, index);
    else {
      const message = `is the endpoint /endpoints/${first} again: names of parameters make no difference; remove one`;
      fields.push({ pointer: `${place}/path`, message });
    }
    checked.push({ method, path, shape, scopes: [...new Set(asked)].sort() });
  });
  if (fields.length === 0) return checked;
  throw new AppError('invalid_request', 'The scopes and endpoints of the API are not right.', {
    fields: fields.slice(0, mostFields),
  });
}
