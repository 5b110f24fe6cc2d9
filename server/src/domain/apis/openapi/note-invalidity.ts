import { Validator } from '@seriousme/openapi-schema-validator';
import type { JsonObject } from './json-object.ts';
import { quoteForMessage } from './quote-for-message.ts';

const validator = new Validator(); // compiles each version's schema once

/**
 * Compares the whole document with the official JSON schema of its OpenAPI version. What Keywright reads has been checked by then,
 * so that a fault found here lies elsewhere: it becomes a note. Many descriptions in use have such faults (an answer without a
 * description), and refusing them would help nobody.
 *
 * The validator gets the object, never a name, and fetches nothing. What it says about references (a text instead of a list)
 * is passed over: it takes a schema's property that is called `$ref` for a reference, as in GitHub's Enterprise description.
 */
export async function noteInvalidity(document: JsonObject): Promise<string | null> {
  const { errors } = await validator.validate({ ...document });
  if (!Array.isArray(errors)) return null;
  const reason = quoteForMessage(deepest(errors));
  return `The document is not valid OpenAPI in a part that the import can do without: ${reason}.`;
}

/** Of the alternatives that a schema tried, the one that got furthest says most. */
function deepest(errors: readonly { instancePath: string; message?: string }[]): string {
  const depth = (pointer: string): number => pointer.split('/').length;
  const fault = errors.reduce<(typeof errors)[number] | null>(
    (best, error) => (best === null || depth(error.instancePath) > depth(best.instancePath) ? error : best),
    null,
  );
  return `at ${fault?.instancePath || 'the top of the document'}: ${fault?.message ?? 'unknown reason'}`;
}
