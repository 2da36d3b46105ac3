"""The state users see, derived from what was observed and kept nowhere."""

from factory_ls.model.pull_request import CiObservation, CiStatus, PullRequestState
from factory_ls.model.ratchet import RatchetState
from factory_ls.ratchet.actionable import conflict_items, review_items
from factory_ls.ratchet.limits import Limits
from factory_ls.ratchet.observation import Observation

_WAITS_FOR_REVIEW = ("CHANGES_REQUESTED", "REVIEW_REQUIRED")


def state_of(observation: Observation, limits: Limits) -> RatchetState:
    """IDLE when off or not open, MERGED, else CI_FAILED > MERGE_CONFLICT > CI_RUNNING > REVIEW_PENDING > READY.

    Checks whose outcome GitHub no longer tells (stale) neither run nor pass: IDLE.
    """
    pr = observation.current
    if not observation.enabled or pr is None:
        return RatchetState.IDLE
    if pr.state is PullRequestState.MERGED:
        return RatchetState.MERGED
    if pr.state in (PullRequestState.CLOSED, PullRequestState.NONE):
        return RatchetState.IDLE
    if pr.ci_status is CiStatus.FAILURE:
        return RatchetState.CI_FAILED
    if conflict_items(pr):
        return RatchetState.MERGE_CONFLICT
    if pr.ci_status is CiStatus.PENDING or pr.ci_observation is CiObservation.NOT_FETCHED:
        return RatchetState.CI_RUNNING
    if pr.ci_observation is CiObservation.CHECKS_UNKNOWN:
        return RatchetState.IDLE
    if pr.review_decision in _WAITS_FOR_REVIEW or review_items(pr, observation.viewer, limits):
        return RatchetState.REVIEW_PENDING
    return RatchetState.READY
