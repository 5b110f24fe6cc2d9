import { SCOPE_NAME_PATTERN } from '../scope-name.ts';
import { checkStructure } from './check-structure.ts';
import { faultAt } from './fault-at.ts';
import { expectObject, expectText, isJsonObject, type JsonObject, ownValue } from './json-object.ts';
import { listOperations } from './list-operations.ts';
import { noteInvalidity } from './note-invalidity.ts';
import type { OpenApiLimits } from './openapi-limits.ts';
import type { OpenApiReading, ReadScope } from './openapi-reading.ts';
import { proposeScopes } from './propose-scopes.ts';
import { quoteForMessage } from './quote-for-message.ts';
import { type EndpointsRead, readEndpoints } from './read-endpoints.ts';
import { readSecuritySchemes, type SecurityScheme } from './read-security-schemes.ts';
import { readVersion } from './read-version.ts';
import { scopeAccess } from './scope-access.ts';
import { writeNotes } from './write-notes.ts';

const LONGEST_TITLE = 100;
const LONGEST_DESCRIPTION = 500;

/**
 * Takes from a parsed OpenAPI document what an API in Keywright consists of. The parts that it reads must be right;
 * what is wrong elsewhere becomes a note.
 *
 * @throws DocumentError
 */
export async function extractReading(
  parsed: unknown,
  options: { slug: string; proposeScopes: boolean },
  limits: OpenApiLimits,
): Promise<OpenApiReading> {
  if (!isJsonObject(parsed))
    throw faultAt('', 'an OpenAPI description is an object with openapi, info and paths.');
  readVersion(parsed);
  checkStructure(parsed, limits);
  const info = expectObject(ownValue(parsed, 'info'), '/info', 'info');
  const title = expectText(ownValue(info, 'title'), '/info/title', 'title');
  const version = readDocumentVersion(info);
  const { operations, unread } = listOperations(parsed, limits);
  const schemes = readSecuritySchemes(parsed);
  const read = readEndpoints(parsed, operations, schemes, limits);

  const { scopes: declared, unfit } = gatherScopes(schemes, read, limits);
  const isProposal = declared.length === 0 && options.proposeScopes;
  const scopesFrom = declared.length > 0 ? 'document' : isProposal ? 'proposal' : 'none';
  const { scopes, endpoints } = isProposal
    ? proposeScopes(options.slug, read.endpoints)
    : { scopes: declared, endpoints: read.endpoints };

  const webhooks = ownValue(parsed, 'webhooks');
  const notes = writeNotes(read, scopesFrom, options.slug, {
    unfitScopes: unfit,
    unreadOperations: unread,
    webhooks: isJsonObject(webhooks) ? Object.keys(webhooks).length : 0,
    invalidity: await noteInvalidity(parsed),
  });
  return {
    title: quoteForMessage(title, LONGEST_TITLE).trim() || options.slug,
    version: quoteForMessage(version, LONGEST_TITLE),
    scopes,
    scopesFrom,
    endpoints,
    notes,
  };
}

/** `version: 1.0` without quotes is a number in YAML, and common; nothing hangs on it. */
function readDocumentVersion(info: JsonObject): string {
  const version = ownValue(info, 'version');
  return typeof version === 'number' ? String(version) : expectText(version, '/info/version', 'version');
}

/** The scopes that flows declare, then those that operations ask for besides, each once. */
function gatherScopes(
  schemes: ReadonlyMap<string, SecurityScheme>,
  read: EndpointsRead,
  limits: Pick<OpenApiLimits, 'scopes'>,
): { scopes: ReadScope[]; unfit: string[] } {
  const descriptions = new Map<string, string>();
  for (const scheme of schemes.values()) {
    for (const [name, description] of scheme.scopes) {
      descriptions.set(name, descriptions.get(name) || description);
    }
  }
  for (const name of read.askedBy.keys()) descriptions.set(name, descriptions.get(name) ?? '');

  const names = [...descriptions.keys()];
  const fit = names.filter((name) => SCOPE_NAME_PATTERN.test(name));
  if (fit.length > limits.scopes) {
    throw faultAt('/components/securitySchemes', `the document has more than ${limits.scopes} scopes.`);
  }
  const scopes = fit.map((name) => ({
    name,
    description: quoteForMessage(descriptions.get(name) ?? '', LONGEST_DESCRIPTION).trim(),
    access: scopeAccess(name, read.askedBy.get(name) ?? new Set()),
  }));
  return { scopes, unfit: names.filter((name) => !SCOPE_NAME_PATTERN.test(name)) };
}
