import { createSchema } from '../../api/schema/schema.ts';
import { ProtobufEncoder } from '../codec/protobuf/protobufEncoder.ts';
import { ContentNegotiation, negotiate } from './mediaType.ts';

test.each([
  ['application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json', { format: 'json', as: 'Table', asVersion: 'v1' }],
  ['application/vnd.kubernetes.protobuf, application/json', { format: 'json', as: '', asVersion: '' }],
  ['application/yaml', { format: 'yaml', as: '', asVersion: '' }],
  ['application/json;q=0.1, application/yaml', { format: 'yaml', as: '', asVersion: '' }],
  ['application/json;as=Table;v=v9;g=meta.k8s.io', undefined],
  ['application/json;as=APIGroupDiscoveryList;v=v2;g=apidiscovery.k8s.io', { format: 'json', as: 'APIGroupDiscoveryList', asVersion: 'v2' }],
  ['application/json;as=APIGroupDiscoveryList;v=v2beta1;g=apidiscovery.k8s.io', undefined],
  ['*/*,application/yaml', { format: 'yaml', as: '', asVersion: '' }],
  ['application/yaml;q=0.5,*/*', { format: 'json', as: '', asVersion: '' }],
  ['text/html', undefined],
])('%s', (accept, expected) => expect(negotiate(accept)).toEqual(expected));

test('nothing acceptable is a 406', () => expect(() => new ContentNegotiation().choose('text/html')).toThrow('only the following media types are accepted'));

test('protobuf is offered where there is an encoder, but not for transformations', () => {
  const negotiation = new ContentNegotiation(new ProtobufEncoder(createSchema({ kubernetes: '', models: {} }, () => ({}))));
  const formats = ['application/vnd.kubernetes.protobuf, application/json', 'application/json, application/vnd.kubernetes.protobuf', 'application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io, application/yaml', '*/*'];
  expect(formats.map((accept) => negotiation.choose(accept).format)).toEqual(['protobuf', 'json', 'yaml', 'json']);
});

test('what has no columns is given in the next form that is named, if there is one', () => {
  const negotiation = new ContentNegotiation();
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  expect(negotiation.chooseNoTable(`${table},application/yaml`)).toEqual({ format: 'yaml', as: '', asVersion: '' });
  expect(() => negotiation.chooseNoTable(table)).toThrow('only the following media types are accepted: application/json, application/yaml');
});
