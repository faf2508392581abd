import fc from 'fast-check';

// Where a property names a length, sequences come as long as that; by itself fast-check draws some ten steps, whatever is named.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true });
