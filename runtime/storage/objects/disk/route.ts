/** Where the gateway answers for objects, in front of every route of the application. */
export const objectsRoute = '/__fairlead/objects/';
