"""The second pair of eyes' own words, in nine languages, accents left out.

Written apart from the compiler's table: single words and stems (`*` stands for any ending), which
stand near each other. Coarser, and only what needs little context.
"""


def _stems(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    words = text.split()
    whole = frozenset(w for w in words if not w.endswith("*"))
    return whole, tuple(w[:-1] for w in words if w.endswith("*"))


def _pairs(text: str) -> frozenset[str]:
    return frozenset(pair.replace("_", " ") for pair in text.split())


# Words for "nobody but" and for "nobody who".
ONLY = _stems(
    "only exclusively solely preferred nur ausschliesslich bevorzugt uniquement exclusivement "
    "seulement solo solamente unicamente exclusivamente soltanto esclusivamente somente apenas "
    "alleen uitsluitend tylko wylacznie jedynie endast enbart bara "
    "preferentemente preferibilmente preferencia prefere* widzian* sokes gezocht gesucht "
    "wanted preference preferiblemente preferible*"
)
SHUT = _stems(
    "no without excluding kein keine keinen keiner ohne sans aucun aucune abstenerse sin senza "
    "geen zonder bez zadnych inga ingen utan sem nao nessun ningun"
)
# People by a trait.
SEX_A = _stems(
    "women woman female females ladies girls girl frauen damen weiblich weibliche femmes dames "
    "mujeres mujer chicas senoritas donne ragazze mulheres mulher mocas vrouwen meiden meisjes "
    "kobiety kobiet panie kvinnor tjejer lady femina "
    "madchen filles signorine dziewczyny dziewczyn kvinna femme mujer donna vrouw kobieta "
    "moca"
)
SEX_B = _stems(
    "men male males gentlemen boys guys lads maenner manner mannliche mannlich herren hommes "
    "garcons hombres varones chicos uomini ragazzi homens rapazes mannen kerels mezczyzni "
    "mezczyzn panowie killar herrar masculus "
    "homme hombre uomo homem mann jungs maschi varon heren chico ragazzo rapaz kerel jongens"
)
PEOPLE = _stems(
    "foreigners immigrants migrants expats refugees whites auslander* migranten etrangers immigres "
    "extranjeros inmigrantes stranieri extracomunitari immigrati estrangeiros imigrantes "
    "buitenlanders allochtonen cudzoziem* obcokrajow* imigrant* ukraincow invandrare utlanningar "
    "christians muslims jews hindus catholics sikhs atheists believers hijab hijabs headscarf "
    "headscarves christen muslime muslimen katholiken juden kopftuch* chretiens musulmans juifs "
    "catholiques voile cristianos musulmanes judios catolicos velo cristiani musulmani ebrei "
    "cattolici cristaos muculmanos evangelicos christenen moslims hoofddoek* katolicy katolik* "
    "muzulman* chrzescijan* kristna muslimer slojor lgbt* gays homosexual* lesbians lesben "
    "homosexuels republicans democrats sindicalistas syndiques gewerkschafter* "
    "unmarried childless pregnant mothers mutter schwangere* meres madres embarazadas madri "
    "gravidas moeders matki mammor retirees pensioners rentner retraites jubilados pensionati "
    "italiani svenskar espanoles brasileiros nederlanders polacy polakow "
    "emeryt* pensionarer disabled handicapped behinderte* handicapes discapacitados disabili "
    "deficientes gehandicapten niepelnosprawn* "
    "joden katholieken judar zydzi judeus judios muzulmanie katolicy ateist* ateos catolicos "
    "gewerkschaft* parteimitglieder militants militantes militanti sindacalisti filiados "
    "afiliados vakbondsleden partijleden zwiazkow* fackanslutna partimedlemmar homo lesb* "
    "gejow geje bisexuals fluchtlinge handikappade ledige verheiratete casados sposati "
    "casadas gehuwden gifta mezatki celibataires grandmothers grandfathers communists "
    "studenten etudiants estudiantes studenti estudantes studenci studenter scholieren "
    "aposentados gepensioneerden emeryci svenskar voilees evangelicos"
)
# What nobody who is kept out by "no" or "without" may have.
BURDENS = _stems(
    "dependents hijos figli filhos enfants kinderen kinderwunsch barn familia famille familie "
    "famiglia gezin rodziny familj behinderung* handicap* handicapes discapacidad* disabilita "
    "deficiencia beperking* niepelnosprawn* funktionsneds* chorob* vorerkrankungen enfermedades "
    "doencas sjukdomar cargas compromissos impegni encargos"
)
# Words that name an age, where no other number of people or hours is meant.
AGE = _stems(
    "alter altersgrenze edad eta idade leeftijd leeftijdsgrens wiek wieku aldersgrans alder "
    "maxalder hochstalter"
)
# What the first of these words does to the second: the field of work, not people.
FIELD = _stems(
    "s fashion wear clothing health shelter team teams coach football soccer basketball rugby "
    "hockey tennis golf club clubs shoes hair barber school studies rights history connector* "
    "mode bekleidung vetements ropa abbigliamento discriminat* services service support access*"
)
# One word that never names a field of work.
ALONE = _stems(
    "millennials boomers zoomers newlyweds caucasian* housewives youthful sororit* fraternit* "
    "hispanics latinos latinas muttersprach* akzentfrei* akzentlos* moedertaal accentloos* "
    "bezakcent* ojczyst* madrelingua modersmal kinderlos* bezdzietn* barnlos* nubile nubili "
    "neolaureat* nyexaminerad* nyutexaminerad* abiturjahrgang* digitalnative* kerngesund* "
    "pelnosprawn* normodotat* aparycj* milite* nichtbehindert* able-bodied ablebodied "
    "childless unmarried girlsonly menonly womenonly ladiesonly"
)
# In a text these are beneficiaries or customers; as a keyword they choose people.
CHOOSING = _stems("christians muslims jews hindus lgbtq homosexuals retirees pensioners ivy")
# Two words in a row that stand for people, whatever surrounds them.
PAIRS = _pairs(
    "recent_graduate recent_graduates recent_grads fresh_graduate fresh_graduates "
    "digital_native digital_natives young_professional young_professionals young_team "
    "young_talent young_dynamic native_speaker native_speakers mother_tongue "
    "born_after born_before born_since "
    "stay-at-home_moms able_bodied white_applicants no_foreigners no_immigrants accent_free "
    "accent_neutre junges_team jungen_team junge_dame junges_umfeld jeune_diplome "
    "jeunes_diplomes jeune_equipe jeune_femme langue_maternelle sans_accent sans_enfants "
    "lengua_materna sin_acento sin_hijos chica_joven equipo_joven gente_joven buena_presencia "
    "bella_presenza giovane_team senza_figli lingua_madre lingua_materna boa_aparencia "
    "equipa_jovem equipe_jovem sem_filhos sem_sotaque jong_team jonge_collega zonder_kinderen "
    "mlody_zespol mlodego_zespolu mlodej_dziewczyny bez_dzieci bez_akcentu wiara_katolicka "
    "ungt_team ung_tjej utan_barn utan_brytning profil_bbr profil_bbb servicio_militar "
    "recien_graduados good_looking perfect_health parfaite_sante buena_salud gay_pride "
    "wheelchair_users recien_graduadas no_kids without_kids bonne_sante slim_hostess "
    "bleu_blanc single_mothers "
)
# Words behind a group that send it away, and words before one person that look for that sex.
AWAY = _stems(
    "need abstenir abstenerse abstenganse astenersi unerwunscht* unwanted dziekujemy undanbedes* "
    "hoeven melden zwecklos ongewenst niezglaszanie abster refuses exclus esclusi "
    "candidatem wyklucz* nicht"
)
SEEK = _stems(
    "seeking hiring wanted suchen suche gesucht einstellen stellen cherche cherchons recherche "
    "recherchons recrute recrutons busca buscamos contratamos requiere necesita solicita "
    "preferible* "
    "cercasi cerchiamo cerco assumiamo procura procuramos precisa contrata zoeken gezocht zoekt "
    "szukamy poszukujemy zatrudnimy zatrudnie przyjmiemy soker anstaller"
)
ASIDE = _stems(
    "applicants applicant candidates candidate bewerber* kandidat* candidats candidates candidatos "
    "candidati personas personen personnes pessoas osoby please "
    "de mile sind are sont voilees femmes"
)
YOUNG = _stems(
    "young younger jung junge junges junger jungen jeune jeunes joven jovenes giovane giovani "
    "jovem jovens jong jonge mlody mloda mlodego mlodej mlodych ung unga ungt"
)
STAFF = _stems(
    "team teams staff talent* dynamic energetic dynami* dinami* kolleg* mitarbeiter* equipe equipo "
    "equipa squadra collega collaborat* femme homme mujer chica donna ragazza moca vrouw "
    "kerel zespol* kobiet* dziewczyn* mezczyzn* kollegor medarbetare tjej kille gang faces dame "
    "frau mann applicants candidates candidatos candidati candidats bewerber* kandyda* kandida* "
    "sokande ambit* ambic* motiv* hungry hungrig* energ* agil engagiert* gedreven driven crew"
)
# Ages: a limit, a number, a unit; not where experience or a client's age is meant.
LIMIT = _stems(
    "under below younger max maximum until bis unter hochstens maximal junger moins maximum hasta "
    "menor menores maximo massim* mayores fino ate do ponizej mlodsz* tot maximaal "
    "jonger hogst yngre between zwischen entre tra tussen miedzy mellan aged wieku"
)
UNIT = _stems("ans anos anni jaar lat jahre jahren roku ar")
BESIDE = _stems(
    "experience erfahrung berufserfahrung d experiencia esperienza ervaring doswiadczenia "
    "erfarenhet experiencia de di am w no nel in im en i sedan garantie och staz*"
)
CLIENTS = _stems(
    "children kids pupils youth people adults students kinder* jugendliche* enfants jeunes ninos "
    "ninas alumnos jovenes bambini studenti criancas jovens kinderen jongeren dzieci mlodziez* "
    "barn ungdomar elever boys girls teenagers"
)
BIRTH = _stems(
    "geboren jahrgang nacido nacidos nacida nata nato nati nascido nascidos ne nee nes "
    "urodzon* rocznik* fodd fodda graduated batch"
)
