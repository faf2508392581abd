import { Component, type ReactNode } from 'react';
import { ChatError } from '../../src/shared/errors.js';

/** Shows the code of the error that stopped what is in it. With another `key` it tries again. */
export class Boundary extends Component<{ children: ReactNode }, { code?: string }> {
  override state: { code?: string } = {};
  static getDerivedStateFromError(error: unknown) {
    return { code: error instanceof ChatError ? error.code : 'unknown' };
  }
  override render() {
    return this.state.code ?? this.props.children;
  }
}
