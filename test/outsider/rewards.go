package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Rewards by published rules, SPEC §11 (Details for the auditor): what issues must be whose details are shown.

// dueOf is what a rule gives an issue.
type dueOf struct {
	event            string
	amount           int64
	dated            bool
	matures, expires int64
	together         string // what a cap counts it with, or nothing
	most             int64
}

// plainRules are the rules whose text is in SPEC, by the digest of that; nil where details are of no use to one.
var plainRules = map[string]func(text string, credit int64) *dueOf{
	"6741f2c2cb2e57166f007de80aa2cc9ad6ae33815c7280fb58bcd4dbebc0096f": behaviourDue,
	"f59d5b3fb53f35a6fe188d01d064a91619210b06c7c7ab022d91b19739cf7b3a": purchaseDue,
}

var behaviourForm = regexp.MustCompile(`^[0-9]{1,18},[0-9]{1,18},[0-9]{1,18},(pv|fav|cart|buy),([0-9]{1,10}),[0-9]{1,9}$`)

func behaviourDue(text string, credit int64) *dueOf {
	found := behaviourForm.FindStringSubmatch(text)
	if found == nil {
		return nil
	}
	made := &dueOf{event: text, amount: map[string]int64{"pv": 1, "fav": 2, "cart": 5, "buy": 50}[found[1]]}
	if found[1] == "pv" {
		seconds, _ := strconv.ParseInt(found[2], 10, 64)
		made.together, made.most = fmt.Sprint(credit, " ", (seconds+28800)/86400), 40
		if broke("reward-day") {
			made.together = fmt.Sprint(credit, " ", seconds/86400)
		}
	}
	return made
}

var invoiceForm = regexp.MustCompile(`^[A-Z]?[0-9]{6}$`)
var wholeForm = regexp.MustCompile(`^(0|-?[1-9][0-9]{0,15})$`)

// exactNumber is a whole number of at most so many either way; false where it is none.
func exactNumber(raw string) (int64, bool) {
	made, err := strconv.ParseInt(raw, 10, 64)
	return made, err == nil && wholeForm.MatchString(raw) && made >= -int64(exactMax) && made <= int64(exactMax)
}

// canonicalText is a text as RFC 8785 writes it.
func canonicalText(text string) string {
	made := `"`
	for _, one := range text {
		switch one {
		case '"', '\\':
			made += `\` + string(one)
		case '\b':
			made += `\b`
		case '\f':
			made += `\f`
		case '\n':
			made += `\n`
		case '\r':
			made += `\r`
		case '\t':
			made += `\t`
		default:
			if one < 0x20 {
				made += fmt.Sprintf(`\u%04x`, one)
			} else {
				made += string(one)
			}
		}
	}
	return made + `"`
}

// purchaseDue reads the text member by member, and writes it again: in any other form it is of no use.
func purchaseDue(text string, _ int64) *dueOf {
	var of struct {
		Invoice  *string              `json:"invoice"`
		Part     json.Number          `json:"part"`
		Customer *string              `json:"customer"`
		TimeMs   json.Number          `json:"timeMs"`
		Lines    *[][]json.RawMessage `json:"lines"`
	}
	if json.Unmarshal([]byte(text), &of) != nil || of.Invoice == nil || of.Customer == nil || of.Lines == nil {
		return nil
	}
	part, isPart := exactNumber(string(of.Part))
	time, isTime := exactNumber(string(of.TimeMs))
	if !invoiceForm.MatchString(*of.Invoice) || !isPart || !isTime || part < 0 || time < 0 {
		return nil
	}
	var lines []string
	sum := int64(0)
	for _, one := range *of.Lines {
		if len(one) != 2 {
			return nil
		}
		quantity, isQuantity := exactNumber(string(one[0]))
		price, isPrice := exactNumber(string(one[1]))
		product, fits := exactProduct(quantity, price)
		if !isQuantity || !isPrice || !fits {
			return nil
		}
		if sum += product; sum > int64(exactMax) || sum < -int64(exactMax) {
			return nil
		}
		lines = append(lines, fmt.Sprintf("[%d,%d]", quantity, price))
	}
	again := fmt.Sprintf(`{"invoice":%s,"part":%d,"customer":%s,"timeMs":%d,"lines":[%s]}`, canonicalText(*of.Invoice),
		part, canonicalText(*of.Customer), time, strings.Join(lines, ","))
	if again != text && !broke("reward-bytes") {
		return nil
	}
	hour := 4 * ((time + 3599999) / 3600000)
	made := &dueOf{event: fmt.Sprintf("%s#%d", *of.Invoice, part), dated: true, matures: hour + 4*336, expires: hour + 4*2160}
	if sum > 0 && (!strings.HasPrefix(*of.Invoice, "C") || broke("reward-cancelled")) {
		made.amount = sum / 1000
	}
	return made
}

// exactProduct multiplies, where the product is exact.
func exactProduct(a, b int64) (int64, bool) {
	made := a * b
	if a != 0 && (made/a != b || made > int64(exactMax) || made < -int64(exactMax)) {
		return 0, false
	}
	return made, true
}

// issued is an issue that was computed.
type issued struct {
	at  uint64
	x   *transaction
	due *dueOf
}

// stands is what of an issue was given and not taken back.
func (w *rewardWatch) stands(one *issued) int64 {
	if broke("reward-gross") {
		return one.x.amount
	}
	return w.ids[one.x.id].accepted.left()
}

// rewardWatch computes the issues whose details are shown, and notes where one is not what its rule gives.
type rewardWatch struct {
	ids     map[id]*used
	rule    *hash // of the text of a rule that is shown
	held    map[hash]string
	events  map[string][]*issued
	caps    map[string][]*issued
	wrong   map[uint64]bool
	unknown map[uint64]bool // issues and tiers by a rule that is none of SPEC, which may be a programme
}

// newRewardWatch: details count behind the commitment that they have.
func newRewardWatch(shown []shownDetail, rule string) *rewardWatch {
	made := &rewardWatch{held: map[hash]string{}, events: map[string][]*issued{}, caps: map[string][]*issued{},
		wrong: map[uint64]bool{}, unknown: map[uint64]bool{}}
	for _, one := range shown {
		made.held[sum(one.salt[:], []byte(one.text))] = one.text
	}
	if rule != "" {
		digest := sum([]byte(rule))
		made.rule = &digest
	}
	return made
}

// behind judges the issues of a batch, once all of it has taken effect.
func (w *rewardWatch) behind(l *ledger, first uint64, transactions []*transaction, statuses []byte) {
	w.ids = l.ids
	for i, x := range transactions {
		if statuses[i] != 0 || x.kind != kIssue || x.record == 0 || x.details == nil {
			continue
		}
		text, held := w.held[*x.details]
		rule := l.record(x.record)
		if !held || rule == nil {
			continue
		}
		digest := fmt.Sprintf("%x", rule.x.digest)
		if broke("reward-by-name") {
			digest = fmt.Sprint(x.record)
		}
		compute := plainRules[fmt.Sprintf("%x", rule.x.digest)]
		if compute == nil && w.rule != nil && *w.rule == rule.x.digest {
			w.unknown[first+1+uint64(i)] = true
		} else if compute != nil {
			if due := compute(text, x.credit); due != nil {
				w.judge(digest, &issued{first + 1 + uint64(i), x, due})
			}
		}
	}
}

// judge takes an issue, and notes what is wrong with it.
func (w *rewardWatch) judge(rule string, one *issued) {
	x, due := one.x, one.due
	event, cap := rule+" "+due.event, rule+" "+due.together
	before := len(w.events[event]) > 0
	w.events[event] = append(w.events[event], one)
	if due.together != "" {
		w.caps[cap] = append(w.caps[cap], one)
	}
	if w.stands(one) == 0 && !broke("reward-taken-back") {
		return
	}
	wrong := due.dated && (x.matures != due.matures || x.expires != due.expires) && !broke("reward-dates")
	wrong = wrong || w.standing(w.events[event]) > due.amount && !broke("reward-amount")
	wrong = wrong || due.together != "" && w.standing(w.caps[cap]) > due.most && !broke("reward-cap")
	wrong = wrong || !before && due.together == "" && x.amount < due.amount && !broke("reward-less")
	if wrong {
		w.wrong[one.at] = true
	}
}

// standing is what stands of some issues.
func (w *rewardWatch) standing(list []*issued) (all int64) {
	for _, one := range list {
		all += w.stands(one)
	}
	return all
}

// finds: the issue at an entry is not what its rule gives.
func (w *rewardWatch) finds(code string, at uint64) bool {
	check(code == "reward" && !w.unknown[at], "needs-replay", "programmes are not evaluated by this verifier")
	return w.wrong[at]
}
