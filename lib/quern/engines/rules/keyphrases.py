from __future__ import annotations
import math
from quern.engines.rules.lexicon import lexicon, stemmer
from quern.engines.rules.phrases import *
from quern.engines.rules.phrases import _spans

P = dict(beta=0.9, nest=0.9, l1=.5, l2=1.0, l3=1.0, l4=.8, noun1=.25, noun=.8, adj=.8, pos=0.25, num=.6, spread=.3, link=.5)

def keyphrases(text, language, limit=10):
    phrases = Phrases(lexicon(language), stemmer(language))
    for unit in units(text):
        phrases.read(unit)
    phrases.nest()
    N=phrases.length+1
    ranked=sorted(phrases.found.values(), key=lambda p: (-score(p,N,phrases), p.first, -p.size))
    out=[]; 
    for p in ranked:
        form=max(p.forms, key=lambda f:(p.forms[f], f))
        out.append(" ".join(form.split()))
        if len(out)==limit: break
    return out

def score(p, N, phrases):
    free = p.count - P['nest']*p.nested
    if free<=0: free=.1*p.count/ (1+p.count)
    s = free**P['beta']
    n = sum(x!=LINK for x in p.sorts)
    s *= (P['l1'],P['l2'],P['l3'],P['l4'])[n-1]
    if n==1 and p.sorts[0]==NOUN: s*=P['noun1']
    if n>1:
        for x in p.sorts:
            if x==NOUN: s*=P['noun']
            elif x==ADJECTIVE: s*=P['adj']
            elif x==NUMBER: s*=P['num']
            elif x==LINK: s*=P['link']
    s /= (1+p.first/ (0.05*N+30))**P['pos']
    s *= (p.units/p.count)**P['spread'] if p.count>1 else 1
    return s
