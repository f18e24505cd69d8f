import { AwsError, type Operation, type World } from '../../model.ts';
import type { IamState, OidcProvider } from './model.ts';
import { noSuchEntity, tagsToList, tagsToRecord } from './roles.ts';

/** IAM API Reference, actions on OpenID Connect providers. */
export function providerOperations(world: World, { providers }: IamState): Record<string, Operation> {
  const find = (arn: string): OidcProvider => {
    const provider = providers.get(arn);
    if (!provider) throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
    return provider;
  };
  return {
    CreateOpenIDConnectProvider(input, { account }) {
      const url: string = input.Url.replace(/^https:\/\//, '').replace(/\/$/, '');
      if (!input.Url.startsWith('https://')) throw new AwsError('InvalidInput', 'Invalid Open ID Connect Provider URL');
      const arn = `arn:aws:iam::${account}:oidc-provider/${url}`;
      if (providers.has(arn))
        throw new AwsError('EntityAlreadyExists', `Provider with url https://${url} already exists.`, 409);
      const [audiences, thumbprints] = [input.ClientIDList ?? [], input.ThumbprintList ?? []];
      providers.set(arn, {
        arn,
        url,
        audiences,
        thumbprints,
        created: world.clock.now(),
        tags: tagsToRecord(input.Tags),
      });
      return { OpenIDConnectProviderArn: arn };
    },
    GetOpenIDConnectProvider(input) {
      const { url, audiences, thumbprints, created, tags } = find(input.OpenIDConnectProviderArn);
      return {
        Url: url,
        ClientIDList: audiences,
        ThumbprintList: thumbprints,
        CreateDate: new Date(created),
        Tags: tagsToList(tags),
      };
    },
    ListOpenIDConnectProviders: (_input, { account }) => ({
      OpenIDConnectProviderList: [...providers.keys()]
        .filter((arn) => arn.includes(`::${account}:`))
        .map((Arn) => ({ Arn })),
    }),
    // "DeleteOpenIDConnectProvider": it is no error when it is gone already.
    DeleteOpenIDConnectProvider(input) {
      providers.delete(input.OpenIDConnectProviderArn);
    },
    AddClientIDToOpenIDConnectProvider(input) {
      const provider = find(input.OpenIDConnectProviderArn);
      provider.audiences = [...new Set([...provider.audiences, input.ClientID])];
    },
    RemoveClientIDFromOpenIDConnectProvider(input) {
      const provider = find(input.OpenIDConnectProviderArn);
      provider.audiences = provider.audiences.filter((one) => one !== input.ClientID);
    },
    UpdateOpenIDConnectProviderThumbprint(input) {
      find(input.OpenIDConnectProviderArn).thumbprints = input.ThumbprintList;
    },
    TagOpenIDConnectProvider(input) {
      Object.assign(find(input.OpenIDConnectProviderArn).tags, tagsToRecord(input.Tags));
    },
  };
}
