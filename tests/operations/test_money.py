"""An ad's own daily budget, in one currency, over its networks; and team caps under races."""

import contextlib
import multiprocessing
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from domain.caps import Cap
from domain.errors import IllegalMove, InputError, JobadsError, Retryable
from domain.lifecycle import AdStatus, SlotState
from domain.money import Money
from domain.plan import SHARED
from domain.platform import Network
from resources.operations.store import OperationsStore

META, X = Network.META, Network.X
ROUNDS, AT_ONCE = 5, 4


def on_x(world, minor=1500):
    shared = {"campaign": {"daily_budget_amount_local_micro": minor * 10_000}}
    return replace(world.plan(), network=X, shared=shared)


def edit(world, **changes):
    world.store.ads.edit(world.team.id, world.job.id, **changes)


@pytest.fixture
def both(world):
    """An ad of 20.00 EUR a day on Meta and X."""
    edit(world, platforms=frozenset({META, X}), budget_daily=Money(2000, "EUR"))
    world.status(AdStatus.SCHEDULED)
    return world


def test_a_plan_dearer_than_its_ad_is_refused(world):
    """15.01 a day for an ad of 15.00."""
    world.arm_daily = 751
    with pytest.raises(InputError, match=r"passes the ad's daily budget of 15\.00 EUR"):
        world.accept()
    assert world.store.plans.accepted(world.team.id) == []


def test_the_plans_of_all_networks_together_stay_within_the_ads_budget(both):
    """15.00 on Meta leaves 5.00 for X."""
    both.accept()
    with pytest.raises(InputError, match=r"beside 15\.00 EUR on meta"):
        both.accept(on_x(both, 501))
    both.accept(on_x(both, 500))


def test_a_plan_that_waits_counts_against_the_ads_budget(both):
    """Somebody may approve it any minute."""
    editor = both.store.teams.add_member(both.team.id, "ed@a.example", "Ed", "editor")
    both.accept(user_id=editor)
    with pytest.raises(InputError, match="daily budget"):
        both.accept(on_x(both, 501), user_id=editor)


def test_money_moves_between_networks_only_after_the_dearer_plan_is_replaced(both):
    """X grows from 5.00 to 10.00 only once Meta has shrunk from 15.00 to 10.00."""
    both.post(both.accept())
    both.accept(on_x(both, 500))
    edit(both, title="Chef")  # Meta runs on as approved; X, which does not run, is void
    with pytest.raises(InputError, match="decide first about the network"):
        both.accept(on_x(both, 1000))
    both.arm_daily = 500
    both.accept(both.plan("cheaper"))
    both.accept(on_x(both, 1000))


def test_a_plan_of_an_ad_whose_currency_changed_is_refused(world):
    """What was compiled in euros is not accepted for an ad in dollars."""
    compiled, version = world.plan(), world.job.version
    edit(world, budget_daily=Money(1500, "USD"))
    with pytest.raises(IllegalMove, match=r"budget 15\.00 EUR → 15\.00 USD"):
        world.store.plans.accept(compiled, ad_version=version, rule="test")


def _contend(url, plans, barrier, results):
    """One process: waits for the others in each round, then accepts its plan."""
    store = OperationsStore(url)
    for plan in plans:
        version = store.ads.get(plan.team_id, plan.job_id).version
        barrier.wait(timeout=60)
        try:
            store.plans.accept(plan, ad_version=version, rule="race")
            results.put("done")
        except JobadsError as error:
            results.put(str(error))
    store.close()


def race(url, work):
    """`work` has a row for each process, with one entry for each round."""
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(AT_ONCE), context.Queue()
    processes = [
        context.Process(target=_contend, args=(url, row, barrier, results)) for row in work
    ]
    for process in processes:
        process.start()
    said = [results.get(timeout=120) for _ in range(AT_ONCE * ROUNDS)]
    for process in processes:
        process.join()
    return said


@pytest.fixture
def teams(world):
    """For each round a team of its own with four ads of 15.00, and room for one of them."""
    made = []
    for round_ in range(ROUNDS):
        team = world.store.teams.add(f"Team {round_}", "acme.example", "EUR")
        user = world.store.teams.system_user(team.id)
        ads = [
            replace(world.job, id=uuid4(), team_id=team.id, created_by_user_id=user)
            for _ in range(AT_ONCE)
        ]
        world.store.ads.save_drafts(team.id, ads)
        plans = [replace(world.plan(), team_id=str(team.id), job_id=str(ad.id)) for ad in ads]
        made.append((team.id, plans))
    return made


def accepted(world, team_id):
    return sum(b.daily_minor for b in world.store.caps.budgets(team_id, world.clock()))


def test_a_teams_cap_holds_while_processes_accept_at_once(world, teams):
    """Of four plans at the same moment, each of another ad, one fits and three are refused."""
    for team_id, _ in teams:
        world.store.caps.set(team_id, Cap("", "EUR", daily_minor=1500))
    work = [[plans[i] for _, plans in teams] for i in range(AT_ONCE)]
    said = race(world.url, work)
    assert [accepted(world, team_id) for team_id, _ in teams] == [1500] * ROUNDS
    assert said.count("done") == ROUNDS
    assert all("team's daily cap" in s for s in said if s != "done")


def test_an_ads_budget_holds_while_processes_accept_on_its_networks(world, teams):
    """Each process another network of one ad: two of three fit into 30.00."""
    everywhere = {"platforms": frozenset(Network), "budget_daily": Money(3000, "EUR")}
    work = [[] for _ in range(AT_ONCE)]
    for team_id, plans in teams:
        world.store.ads.edit(team_id, UUID(plans[0].job_id), **everywhere)
        google = {"campaign": {"amount_micros": 15_000_000}}
        x = {"campaign": {"daily_budget_amount_local_micro": 15_000_000}}
        on = [
            plans[0],
            replace(plans[0], network=X, shared=x),
            replace(plans[0], network=Network.GOOGLE, shared=google),
        ]
        for row, plan in zip(work, [*on, on[0]], strict=True):
            row.append(plan)
    race(world.url, work)
    assert [accepted(world, team_id) for team_id, _ in teams] == [3000] * ROUNDS


def fail(world, plan):
    """Every arm is refused by the network, and the ad is failed."""
    for arm in (SHARED, "broad", "cooks"):
        slot = world.store.ledger.move(world.open(plan, arm), SlotState.SENDING)
        world.store.ledger.move(slot, SlotState.FAILED, "refused")
    world.settle()
    world.let_go()
    assert world.now_status() == AdStatus.FAILED


def take_the_room(world, another_draft):
    """Another ad's plan of 15.00, all that the team's cap of 15.00 leaves."""
    other = another_draft(title="Baker")
    world.store.ads.save_drafts(world.team.id, [other])
    plan = replace(world.plan(), job_id=str(other.id))
    world.store.plans.accept(plan, ad_version=other.version, rule="test")


def runs(world):
    """The ad of 15.00 runs on Meta for an hour or longer."""
    edit(world, schedule_end=world.clock() + timedelta(hours=1))
    world.post(world.accepted())
    world.let_go()


def over(world):
    world.clock.at += timedelta(hours=2)


def withdraw(world):
    (plan,) = world.store.plans.accepted(world.team.id)
    user = world.store.teams.system_user(world.team.id)
    world.store.approvals.withdraw(
        world.team.id, world.job.id, META, plan.digest, user_id=user, reason="wrong pay"
    )


ENDS = {
    "archived": lambda world: world.status(AdStatus.ARCHIVED),
    "failed": lambda world: world.status(AdStatus.FAILED),
    "over": over,
    "withdrawn": withdraw,
    "void": lambda world: edit(world, budget_daily=Money(1000, "EUR")),
}


def take_off(world, account="act_1"):
    """Every object of the ad there was paused, and read back so."""
    place = (str(world.team.id), str(world.job.id), META, account)
    with world.store.leases.acquire(*place, ttl_s=60) as lease:
        for slot in world.store.ledger.adopt(lease):
            world.store.ledger.rest(slot)


def daily(world):
    return [(r.network, r.daily_minor) for r in world.store.caps.budgets(*now(world))]


def now(world):
    return world.team.id, world.clock()


@pytest.mark.parametrize("how", ENDS)
def test_what_still_runs_keeps_its_room_until_it_is_off(world, another_draft, how):
    """The network may be down: another ad gets the room once the takedown is confirmed."""
    world.store.caps.set(world.team.id, Cap("", "EUR", 1500))
    runs(world)
    ENDS[how](world)
    assert len(world.store.schedule.stale(world.clock())) == 1
    with pytest.raises(InputError, match=r"daily cap of 15\.00 EUR would be passed by 15\.00"):
        take_the_room(world, another_draft)
    take_off(world)
    assert daily(world) == []
    take_the_room(world, another_draft)


@pytest.mark.parametrize("how", ENDS)
def test_what_still_runs_counts_where_a_cap_is_kept(world, how):
    """A lowered daily cap names it, and so does a total cap that it could pass."""
    runs(world)
    ENDS[how](world)
    job = str(world.job.id)
    world.store.caps.set(world.team.id, Cap("", "EUR", 1000, 2000))
    (named,) = world.store.caps.over_daily(*now(world))
    assert (named.accepted_minor, [r.job_id for r in named.running]) == (1500, [job])
    assert [o.job_id for o in world.store.caps.over_total(world.team.id, {}, world.clock())] == [
        job
    ]
    take_off(world)
    assert world.store.caps.over_daily(*now(world)) == []
    assert world.store.caps.over_total(world.team.id, {}, world.clock()) == []


def test_an_ad_that_moves_to_another_account_counts_on_both_until_it_left_one(world):
    """15.00 on the new account beside the 15.00 that still run on the old one."""
    world.store.caps.set(world.team.id, Cap("", "EUR", 1500))
    runs(world)
    world.account = "act_2"
    with pytest.raises(
        InputError, match=r"passed by 15\.00 EUR.* until it is off the other account"
    ):
        world.accept()
    world.store.caps.set(world.team.id, Cap("", "EUR", 3000))
    plan = world.accept()
    assert daily(world) == [(META, 3000)]
    with pytest.raises(Retryable, match=r"15\.00 EUR on meta act_1 may still run"):
        world.post(plan)
    world.let_go()
    assert daily(world) == [(META, 3000)]
    take_off(world)
    world.post(plan)
    assert daily(world) == [(META, 1500)]


def test_a_plan_that_waits_for_another_account_counts_beside_what_runs(world):
    """Somebody may approve it any minute, and the old account may not answer then."""
    editor = world.store.teams.add_member(world.team.id, "ed@a.example", "Ed", "editor")
    runs(world)
    world.account = "act_2"
    world.accept(user_id=editor)
    assert daily(world) == [(META, 3000)]
    take_off(world)
    assert daily(world) == [(META, 1500)]


def test_an_ad_that_runs_as_accepted_is_counted_once(world):
    """Also while a plan waits beside, is replaced by a cheaper one, and drops an arm."""
    editor = world.store.teams.add_member(world.team.id, "ed@a.example", "Ed", "editor")
    world.store.caps.set(world.team.id, Cap("", "EUR", 1500))
    runs(world)
    assert daily(world) == [(META, 1500)]
    world.accept(world.plan("again"), user_id=editor)
    assert daily(world) == [(META, 1500)]
    cheaper = world.accept(world.plan("again", arms=("broad",)))
    assert daily(world) == [(META, 1500)]
    world.open(cheaper, "broad")
    assert daily(world) == [(META, 1500)]
    world.store.ledger.move(world.adopted(cheaper, "cooks"), SlotState.CLOSED)
    world.change(cheaper)
    assert daily(world) == [(META, 750)]


def test_a_failed_ad_comes_back_only_where_the_cap_has_room(world, another_draft):
    """It counted for nothing while it was failed, and another ad has taken its room."""
    world.store.caps.set(world.team.id, Cap("", "EUR", 1500))
    fail(world, world.accepted())
    take_the_room(world, another_draft)
    with pytest.raises(InputError, match=r"daily cap of 15\.00 EUR would be passed by 15\.00"):
        world.status(AdStatus.SCHEDULED)
    assert world.now_status() == AdStatus.FAILED
    world.store.caps.set(world.team.id, Cap("", "EUR", 3000))
    world.status(AdStatus.SCHEDULED)


@pytest.mark.parametrize("whose", ["the team's", "the ad's"])
def test_a_paused_ad_comes_back_only_where_a_cap_that_was_lowered_has_room(world, whose):
    """15.00 a day that ran before, on an account that confirmed the pause."""
    job = str(world.job.id) if whose == "the ad's" else ""
    runs(world)
    world.status(AdStatus.PAUSED)
    take_off(world)
    world.store.caps.set(world.team.id, Cap(job, "EUR", 1000))
    with pytest.raises(InputError, match=rf"{whose} daily cap of 10\.00 EUR .* passed by 5\.00"):
        world.status(AdStatus.LIVE)
    assert world.now_status() == AdStatus.PAUSED
    world.store.caps.set(world.team.id, Cap(job, "EUR", 1500))
    world.status(AdStatus.LIVE)
    assert world.now_status() == AdStatus.LIVE


def test_an_ad_on_two_networks_is_counted_once_when_it_comes_back(both):
    """15.00 on Meta and 5.00 on X fit under 20.00, and no less."""
    both.post(both.accept())
    both.accept(on_x(both, 500))
    both.status(AdStatus.PAUSED)
    both.store.caps.set(both.team.id, Cap("", "EUR", 1999))
    with pytest.raises(InputError, match=r"passed by 0\.01"):
        both.status(AdStatus.LIVE)
    both.store.caps.set(both.team.id, Cap("", "EUR", 2000))
    both.status(AdStatus.LIVE)


def test_an_ad_that_is_over_is_prolonged_only_where_the_cap_has_room(world):
    """It still runs on the network, and the cap was lowered since."""
    runs(world)
    over(world)
    world.store.caps.set(world.team.id, Cap("", "EUR", 1000))
    with pytest.raises(InputError, match="would be passed"):
        edit(world, schedule_end=None)
    assert len(world.store.schedule.stale(world.clock())) == 1
    world.store.caps.set(world.team.id, Cap("", "EUR", 1500))
    edit(world, schedule_end=None)


def test_an_ad_that_was_taken_off_at_its_end_needs_room_and_an_approval_to_come_back(
    world, another_draft
):
    """Its plan was about the shorter schedule, and another ad has taken its room."""
    world.store.caps.set(world.team.id, Cap("", "EUR", 1500))
    runs(world)
    over(world)
    take_off(world)
    take_the_room(world, another_draft)
    edit(world, schedule_end=None)
    assert world.store.schedule.due(world.clock()) == []
    with pytest.raises(InputError, match="would be passed"):
        world.accept()


def test_what_is_accepted_of_a_failed_ad_counts_for_the_editors_threshold(world):
    """15.00 on each of two networks is not within 16.00, failed or not."""
    store, team = world.store, world.team.id
    store.teams.update(team, approval_threshold=Money(1600, "EUR"))
    editor = store.teams.add_member(team, "ed@a.example", "Ed", "editor")
    world.status(AdStatus.SCHEDULED)
    fail(world, world.accept(user_id=editor))
    edit(world, platforms=frozenset({META, X}), budget_daily=Money(3000, "EUR"))
    for plan in (world.plan("again"), on_x(world)):
        version = store.ads.get(team, world.job.id).version
        store.plans.accept(plan, ad_version=version, user_id=editor)
    assert [a.plan.network for a in store.plans.awaiting_approval(team)] == [X]


def test_what_is_accepted_of_a_failed_ad_counts_under_its_own_cap(world):
    """A cap of the ad holds over all its networks."""
    world.store.caps.set(world.team.id, Cap(str(world.job.id), "EUR", 2000))
    fail(world, world.accepted())
    edit(world, platforms=frozenset({META, X}), budget_daily=Money(3000, "EUR"))
    world.accept(world.plan("again"))
    with pytest.raises(InputError, match="the ad's daily cap"):
        world.accept(on_x(world))


def moving(both):
    """Meta runs at 15.00; approved are 10.00 there and, instead of 5.00, 10.00 on X, which does
    not run yet."""
    both.post(both.accept())
    both.accept(on_x(both, 500))
    edit(both, title="Chef")
    both.arm_daily = 500
    return both.accept(both.plan("cheaper")), both.accept(on_x(both, 1000))


def blocked(world):
    """By network, what runs in the way of each plan that is due."""
    listed = world.store.schedule.due(world.clock.at)
    return {
        str(d.network): [s.daily_minor for s in world.store.caps.room(d).beside] for d in listed
    }


def test_more_is_posted_on_a_network_only_when_less_runs_on_the_other(both):
    """Also while the other is being changed: it may not have heard of the change."""
    cheaper, _ = moving(both)
    assert blocked(both) == {"meta": [], "x": [1500]}
    both.open(cheaper, "broad")
    assert blocked(both) == {"meta": [], "x": [1500]}
    both.change(cheaper)
    assert blocked(both) == {"x": []}


def test_a_network_that_was_taken_off_is_waited_for(both):
    """Its 5.00 go to Meta when X is confirmed off."""
    both.accept(on_x(both, 500))
    both.post(on_x(both, 500))
    edit(both, platforms=frozenset({META}))
    both.arm_daily = 1000
    both.accept()
    assert blocked(both) == {"meta": [500]}
    both.let_go()
    for slot in both.store.ledger.adopt(both.lease(on_x(both, 500))):
        both.store.ledger.rest(slot)
    assert blocked(both) == {"meta": []}


def test_an_account_that_was_left_is_waited_for(both):
    """The same plan on another account of the network."""
    both.post(both.accept())
    both.account = "act_2"
    both.accept()
    assert blocked(both) == {"meta": [1500]}


def test_a_lower_budget_is_posted_on_every_network_at_once(both):
    """None waits for another: each runs at more than it is to get."""
    both.arm_daily = 500
    both.post(both.accept())
    both.accept(on_x(both, 1000))
    both.post(on_x(both, 1000))
    edit(both, budget_daily=Money(1200, "EUR"))
    both.arm_daily = 300
    both.accept()
    both.accept(on_x(both, 600))
    assert blocked(both) == {"meta": [], "x": []}


def test_what_ran_once_and_was_lowered_since_gives_no_room(both):
    """X ran at 20.00 once and is cut off at 5.00: to go to 15.00 it waits for Meta's 15.00."""
    edit(both, platforms=frozenset({X}))
    both.accept(on_x(both, 2000))
    both.post(on_x(both, 2000))
    edit(both, platforms=frozenset({META, X}))
    both.accept(on_x(both, 500))
    both.change(on_x(both, 500))
    both.post(both.accept())
    shorter = replace(on_x(both, 500), arms=both.plan("shorter").arms)
    both.accept(shorter)
    both.open(shorter, "broad")  # cut off: nobody knows whether X has heard of it
    both.arm_daily = 250
    both.accept()
    both.accept(on_x(both, 1500))
    assert blocked(both) == {"meta": [], "x": [1500]}


def test_of_two_networks_that_were_cut_off_one_can_always_be_posted(both):
    """Each may be spending more than it is to get, and both together more than the budget."""
    both.arm_daily = 500
    both.post(both.accept())
    both.accept(on_x(both, 1000))
    both.post(on_x(both, 1000))
    for meta_minor, x_minor in ((250, 1500), (750, 500), (500, 1000)):
        both.arm_daily = meta_minor
        plans = both.plan(f"m{meta_minor}"), on_x(both, x_minor)
        for plan in sorted(plans, key=lambda p: (p.network is META) == (meta_minor > 500)):
            both.accept(plan)
        for plan in plans:
            with contextlib.suppress(Retryable):
                both.open(plan, "broad")
        assert [] in blocked(both).values()
