/** What went wrong with an object. */
export class ObjectsError extends Error {
  override readonly name: string = 'ObjectsError';
}

/** There is no object of that name, or no such version of it. */
export class ObjectNotFound extends ObjectsError {
  override readonly name: string = 'ObjectNotFound';
}

/** A condition of the call did not hold: the object was there already. */
export class PreconditionFailed extends ObjectsError {
  override readonly name: string = 'PreconditionFailed';
}

/** The call cannot succeed on any bucket. */
export class InvalidArgument extends ObjectsError {
  override readonly name: string = 'InvalidArgument';
}
