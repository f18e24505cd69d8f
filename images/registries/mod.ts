export { type Destination, type DestinationOptions, openDestination } from './destination.ts';
export { isRefusal } from './errors.ts';
export { type Pushed, type PushedImage, type PushOptions, push } from './push.ts';
export { openSources, type Sources } from './sources.ts';
