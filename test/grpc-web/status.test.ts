import { StatusCode } from 'grpc-web';
import { describe, expect, it } from 'vitest';
import * as status from '../../src/grpc-web/status.js';

describe('gRPC status', () => {
  it('numbers and names are those of the grpc-web package', () => {
    const names = Object.entries(StatusCode).filter(([, code]) => typeof code === 'number');
    expect(names).toHaveLength(17);
    for (const [name, code] of names) {
      expect((status as unknown as Record<string, number>)[name]).toBe(code);
      expect(status.statusName(Number(code))).toBe(name);
    }
    expect(status.statusName(99)).toBe('UNKNOWN');
  });

  it.each([
    [{}, undefined],
    [{ 'grpc-status': '0' }, undefined],
    [{ 'grpc-status': '5', 'grpc-message': 'no%20cache%20%C3%A4' }, [5, 'no cache ä']],
    [{ 'grpc-status': '14', 'grpc-message': '100%' }, [14, '100%']],
    [{ 'grpc-status': '16' }, [16, '']],
    [{ 'grpc-status': '77' }, [2, '']],
    [{ 'grpc-status': 'nonsense' }, [2, '']],
  ])('reads %j', (metadata, expected) => {
    const error = status.statusError(metadata as Record<string, string>);
    expect(error && [error.status, error.message]).toEqual(expected);
  });

  it('keeps the other trailers as metadata', () => {
    expect(
      status.statusError({ 'grpc-status': '8', err: 'operations_rate_limit_exceeded' })?.metadata,
    ).toEqual({
      err: 'operations_rate_limit_exceeded',
    });
  });
});
