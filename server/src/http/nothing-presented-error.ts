import { AppError } from '../domain/errors.ts';

/** No management key was sent at all: the challenge then names no error, since nothing was wrong (RFC 6750, section 3.1). */
export class NothingPresentedError extends AppError {
  constructor() {
    super('unauthenticated', 'Send a management key: Authorization: Bearer kwm_…');
  }
}
