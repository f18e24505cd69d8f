export { type Destination, type DestinationOptions, openDestination } from './destination.ts';
export { type Pushed, type PushedImage, type PushOptions, push } from './push.ts';
