package main

// Outcomes of SPEC §8, by number.
const (
	oAccepted = iota
	oExists
	oIDTaken
	oNotEntitled
	oGroupUndone
	oTimeAhead
	oTimeBehind
	oRecordUnknown
	oRecordNotRevocable
	oRecordRevoked
	oUnitUnknown
	oRuleUnknown
	oAccountUnknown
	oDebitUnknown
	oCreditUnknown
	oSameAccount
	oUnitMismatch
	oAccountKind
	oDebitKind
	oCreditKind
	oScopeUnknown
	oSponsorMismatch
	oAccountClosed
	oOriginalUnknown
	oCitesUnknown
	oHoldUnknown
	oGrantUnknown
	oAccountFrozen
	oNotFrozen
	oNotClosed
	oRecoveryState
	oNoCustody
	oNameTaken
	oKeyStands
	oTreasuryExists
	oRefTaken
	oClaimedBefore
	oLastRoot
	oStrandsAccounts
	oRegistryFull
	oAccountsFull
	oSeriesFull
	oRuleEarly
	oOffStep
	oOffGrain
	oNoGifts
	oNoTakes
	oNoCollect
	oRateMismatch
	oDates
	oHoldEnded
	oHoldTooLong
	oNotDue
	oWindowOver
	oOverGiftCap
	oTakenBefore
	oOverTakeCap
	oOverOriginal
	oOverCap
	oInsufficient
	oBudgetClosed
	oOverMemberCap
	oOverBudgetCap
	oOverBalanceMax
	oLotsFull
	oHoldsFull
	oGrantsFull
	oTakesFull
	oStatusesFull
	oNotEmpty
	oTotalOverflow
	oLogMismatch
)

// verdict keeps the least outcome that applies; the checks need no order (§7).
type verdict struct{ least int }

func (v *verdict) refuse(outcome int) {
	if v.least == oAccepted || outcome < v.least || broke("greatest-outcome") {
		v.least = outcome
	}
}

func (v *verdict) when(applies bool, outcome int) {
	if applies {
		v.refuse(outcome)
	}
}
