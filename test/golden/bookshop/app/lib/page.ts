export interface Page<T> {
  items: T[];
  next?: string;
}
