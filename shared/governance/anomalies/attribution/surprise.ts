/**
 * What an element adds to the Jensen-Shannon divergence between the shares `p` of what was expected and `q` of what came, in nats
 * (Adtributor, Bhagwan et al., NSDI 2014). 0 ln 0 = 0; a share below 0 counts as 0.
 */
export function surprise(p: number, q: number): number {
  const [a, b] = [Math.max(0, p), Math.max(0, q)];
  const middle = (a + b) / 2;
  return (term(a, middle) + term(b, middle)) / 2;
}

function term(share: number, middle: number): number {
  return share === 0 ? 0 : share * Math.log(share / middle);
}
