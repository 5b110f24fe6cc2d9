import { faultAt } from './fault-at.ts';

/** An object of the document. Read only through `ownValue`: its keys are the author's choice, `__proto__` among them. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own member, never one that it inherits (`constructor`, `toString`). */
export function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

export function expectObject(value: unknown, pointer: string, what: string): JsonObject {
  if (isJsonObject(value)) return value;
  throw faultAt(pointer, value === undefined ? `${what} is missing.` : `${what} must be an object.`);
}

export function expectList(value: unknown, pointer: string, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw faultAt(pointer, `${what} must be a list.`);
}

export function expectText(value: unknown, pointer: string, what: string): string {
  if (typeof value === 'string') return value;
  throw faultAt(pointer, value === undefined ? `${what} is missing.` : `${what} must be text.`);
}
