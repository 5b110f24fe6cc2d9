import { compileTemplate } from '../../../lib/path-template.ts';
import { expectList, type JsonObject, ownValue } from './json-object.ts';
import type { Operation } from './list-operations.ts';
import type { OpenApiLimits } from './openapi-limits.ts';
import type { ReadEndpoint } from './openapi-reading.ts';
import { pointerTo } from './pointer-to.ts';
import { type BasePath, readBasePath } from './read-base-path.ts';
import { type Requirements, readRequirements } from './read-requirements.ts';
import type { SecurityScheme } from './read-security-schemes.ts';

/** The endpoints and what is worth telling about them; `GET /users/{id}` stands for an operation. */
export type EndpointsRead = {
  endpoints: ReadEndpoint[];
  /** Scope to the methods of the operations that ask for it. */
  askedBy: Map<string, Set<string>>;
  /** The base paths in use, by server URL, those that could not be used among them. */
  basePaths: Map<string, BasePath>;
  united: string[];
  optional: string[];
  /** Templates with a parameter that is only part of a segment: literal to the matcher. */
  partial: string[];
  /** Left out, since no request can have such a path. */
  unmatchable: string[];
};

const NOTHING_ASKED: Requirements = { scopes: [], united: false, optional: false };

/** Turns operations into endpoints: base path before the path, scopes from the nearest `security`. @throws DocumentError */
export function readEndpoints(
  document: JsonObject,
  operations: readonly Operation[],
  schemes: ReadonlyMap<string, SecurityScheme>,
  limits: Pick<OpenApiLimits, 'scopesPerEndpoint'>,
): EndpointsRead {
  const read: EndpointsRead = {
    endpoints: [],
    askedBy: new Map(),
    basePaths: new Map(),
    united: [],
    optional: [],
    partial: [],
    unmatchable: [],
  };
  const everywhere = requirementsOf(document, '', schemes, limits) ?? NOTHING_ASKED;
  for (const source of operations) {
    const base = basePathOf(document, source);
    read.basePaths.set(base.url, base);
    const path = `${base.path}${source.path}`;
    const label = `${source.method} ${path}`;
    const asked = requirementsOf(source.operation, source.pointer, schemes, limits) ?? everywhere;
    const compiled = compileTemplate(path);
    if (!compiled.ok) {
      read.unmatchable.push(`${label} (${compiled.message.replace(/^path: /, '').replace(/\.$/, '')})`);
      continue;
    }
    if (compiled.template.segments.some((segment) => segment?.includes('%7B'))) read.partial.push(label);
    if (asked.united) read.united.push(label);
    if (asked.optional && asked.scopes.length > 0) read.optional.push(label);
    for (const scope of asked.scopes) {
      const methods = read.askedBy.get(scope) ?? new Set();
      read.askedBy.set(scope, methods.add(source.method));
    }
    read.endpoints.push({ method: source.method, path, scopes: asked.scopes });
  }
  return read;
}

/** Null where the holder says nothing, so that what stands around it holds; an empty list asks for nothing. */
function requirementsOf(
  holder: JsonObject,
  pointer: string,
  schemes: ReadonlyMap<string, SecurityScheme>,
  limits: Pick<OpenApiLimits, 'scopesPerEndpoint'>,
): Requirements | null {
  const security = ownValue(holder, 'security');
  if (security === undefined) return null;
  return readRequirements(security, pointerTo(pointer, 'security'), schemes, limits);
}

/** The first server of the operation, else of its path item, else of the document, else `/`. */
function basePathOf(document: JsonObject, source: Operation): BasePath {
  const holders = [
    [source.operation, source.pointer],
    [source.pathItem, source.pathItemPointer],
    [document, ''],
  ] as const;
  for (const [holder, pointer] of holders) {
    const servers = ownValue(holder, 'servers');
    if (servers === undefined) continue;
    const place = pointerTo(pointer, 'servers');
    const first = expectList(servers, place, 'servers')[0];
    if (first !== undefined) return readBasePath(first, pointerTo(place, 0));
  }
  return { path: '', url: '/', unusable: null };
}
