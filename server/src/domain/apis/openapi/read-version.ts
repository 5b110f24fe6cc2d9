import { faultAt } from './fault-at.ts';
import { type JsonObject, ownValue } from './json-object.ts';
import { quoteForMessage } from './quote-for-message.ts';

export type OpenApiVersion = '3.0' | '3.1' | '3.2';

/** The document's edition of OpenAPI. Swagger 2.0 is refused with its remedy. @throws DocumentError */
export function readVersion(document: JsonObject): OpenApiVersion {
  const swagger = ownValue(document, 'swagger');
  if (swagger !== undefined) {
    throw faultAt(
      '/swagger',
      `this is a Swagger ${quoteForMessage(String(swagger), 20)} description; Keywright reads OpenAPI 3.0 to 3.2. ` +
        'Convert it first, for instance with `npx swagger2openapi` or at https://converter.swagger.io.',
    );
  }
  const version = ownValue(document, 'openapi');
  if (version === undefined) {
    throw faultAt(
      '',
      'openapi is missing: an OpenAPI description begins with its version, such as openapi: "3.1.0".',
    );
  }
  if (typeof version !== 'string') {
    throw faultAt('/openapi', 'openapi must be text such as "3.1.0"; in YAML put it in quotes.');
  }
  const edition = /^(3\.[012])(?:\.[0-9]+)?(?:-[0-9A-Za-z.-]+)?$/.exec(version)?.[1];
  if (edition === '3.0' || edition === '3.1' || edition === '3.2') return edition;
  throw faultAt(
    '/openapi',
    `OpenAPI ${quoteForMessage(version, 20)} is not known; Keywright reads 3.0, 3.1 and 3.2.`,
  );
}
