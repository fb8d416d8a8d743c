import { zpageForm } from './zpageForm.ts';

const TEXT = { format: 'text' };

test.each([
  [undefined, TEXT],
  ['', TEXT],
  ['*/*', TEXT],
  ['text/plain', TEXT],
  ['text/plain; charset=utf-8', TEXT],
  ['application/json;v=v1beta1;g=config.k8s.io;as=Statusz', { format: 'json', version: 'v1beta1' }],
  ['application/yaml;v=v1beta1;g=config.k8s.io;as=Statusz', { format: 'yaml', version: 'v1beta1' }],
  ['application/json;v=v1alpha1;g=config.k8s.io;as=Statusz', { format: 'json', version: 'v1alpha1' }],
  ['text/plain;q=0.5,application/json;v=v1beta1;g=config.k8s.io;as=Statusz', { format: 'json', version: 'v1beta1' }],
  ['application/json;v=foo;g=config.k8s.io;as=Statusz,*/*', TEXT],
  ['application/json', undefined],
  ['application/xml', undefined],
  ['application/json;v=v1beta1;g=config.k8s.io', undefined],
  ['application/json;v=v1beta1;g=config.k8s.io;as=Flagz', undefined],
  ['application/vnd.kubernetes.protobuf;v=v1beta1;g=config.k8s.io;as=Statusz', undefined],
])('%s', (accept, form) => {
  expect(zpageForm(accept, 'Statusz')).toEqual(form);
});
