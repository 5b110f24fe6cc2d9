/** A fault in an OpenAPI document. `message` is public and complete; `pointer` (RFC 6901) is null where the text has no structure yet. */
export class DocumentError extends Error {
  readonly pointer: string | null;

  constructor(message: string, pointer: string | null) {
    super(message);
    this.name = 'DocumentError';
    this.pointer = pointer;
  }
}
