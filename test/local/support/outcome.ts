/**
 * The content of an SDK's response, in short: its kind, and with it what matters: an error's code, a list's elements.
 * Compared by `.type`, because two copies of a package defeat `instanceof`.
 */
export function outcome(response: object): string {
  if ('errorCode' in response && typeof response.errorCode === 'function')
    return String(response.errorCode());
  if ('type' in response) return String(response.type);
  return response.constructor.name;
}
