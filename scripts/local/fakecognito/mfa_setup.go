package fakecognito

import (
	"cmp"
	"slices"
)

// totpSecretBytes is the length of Cognito's secrets, 52 characters of base32.
const totpSecretBytes = 32

type softwareTokenInput struct {
	AccessToken string
	Session     string
	UserCode    string // VerifySoftwareToken
}

// associateSoftwareToken returns a new secret for an authenticator app, for a signed-in user or an MFA_SETUP challenge.
func (p *pool) associateSoftwareToken(in *softwareTokenInput) (any, error) {
	secret := randomBytes(totpSecretBytes)
	session := ""
	if in.AccessToken != "" {
		s, err := p.sessionOf(in.AccessToken)
		if err != nil {
			return nil, err
		}
		s.user.secondFactors.pending = secret
	} else {
		a, err := p.open(in.Session, "MFA_SETUP")
		if err != nil {
			return nil, err
		}
		a.totp, a.verified = secret, 0
		session = p.challenge(a, "MFA_SETUP", nil).Session
	}
	return struct {
		SecretCode string
		Session    string `json:",omitempty"`
	}{totpAlphabet.EncodeToString(secret), session}, nil
}

// verifySoftwareToken verifies by a code that the app has the secret.
func (p *pool) verifySoftwareToken(in *softwareTokenInput) (any, error) {
	if err := required("userCode", in.UserCode); err != nil {
		return nil, err
	}
	out := struct {
		Status  string
		Session string `json:",omitempty"`
	}{Status: "SUCCESS"}
	if in.AccessToken != "" {
		s, err := p.sessionOf(in.AccessToken)
		if err != nil {
			return nil, err
		}
		factors := &s.user.secondFactors
		if factors.pending == nil {
			return nil, fail("SoftwareTokenMFANotFoundException", "AssociateSoftwareToken has not been called")
		}
		counter, right := totpCounter(factors.pending, in.UserCode, p.Now())
		if !right {
			return nil, fail("EnableSoftwareTokenMFAException", "Code mismatch")
		}
		factors.totp, factors.pending, factors.lastTOTP = factors.pending, nil, counter
		return out, nil
	}
	a, err := p.open(in.Session, "MFA_SETUP")
	if err != nil {
		return nil, err
	}
	if a.totp == nil {
		return nil, fail("SoftwareTokenMFANotFoundException", "AssociateSoftwareToken has not been called")
	}
	counter, right := totpCounter(a.totp, in.UserCode, p.Now())
	if !right {
		_ = a.wrongCode("") // only counts; this operation has an error of its own
		return nil, fail("EnableSoftwareTokenMFAException", "Code mismatch")
	}
	a.verified = counter
	out.Session = p.challenge(a, "MFA_SETUP", nil).Session
	return out, nil
}

// answerMFASetup enables the authenticator app once it is verified, and completes the attempt.
func (p *pool) answerMFASetup(a *attempt, _ map[string]string) (any, error) {
	if a.verified == 0 {
		return nil, invalidParameter("Answer MFA_SETUP after AssociateSoftwareToken and VerifySoftwareToken, with the session of the latter")
	}
	a.user.secondFactors = secondFactors{enabled: []string{factorTOTP}, preferred: factorTOTP, totp: a.totp, lastTOTP: a.verified}
	a.answered = true
	return p.signedIn(a)
}

type factorSettings struct {
	Enabled      bool
	PreferredMfa bool
}

type mfaPreferenceInput struct {
	userInput
	SMSMfaSettings           *factorSettings // nil: as it was
	SoftwareTokenMfaSettings *factorSettings
	EmailMfaSettings         *factorSettings
}

func (p *pool) adminSetUserMFAPreference(in *mfaPreferenceInput) (any, error) {
	u, err := p.userFor(in.UserPoolID, in.Username)
	if err != nil {
		return nil, err
	}
	return nothing{}, u.prefer(in)
}

// prefer changes all given settings or, with an error, none.
func (u *user) prefer(in *mfaPreferenceInput) error {
	after := u.secondFactors
	after.enabled = slices.Clone(after.enabled)
	for _, change := range []struct {
		factor string
		to     *factorSettings
	}{{factorSMS, in.SMSMfaSettings}, {factorTOTP, in.SoftwareTokenMfaSettings}, {factorEmail, in.EmailMfaSettings}} {
		if change.to == nil {
			continue
		}
		after.enabled = slices.DeleteFunc(after.enabled, func(f string) bool { return f == change.factor })
		if after.preferred == change.factor {
			after.preferred = ""
		}
		if change.to.Enabled {
			if err := u.lacks(change.factor); err != nil {
				return err
			}
			after.enabled = append(after.enabled, change.factor)
		}
		if change.to.PreferredMfa {
			if !change.to.Enabled || cmp.Or(after.preferred, change.factor) != change.factor {
				return invalidParameter("Only one second factor can be preferred, and it must be enabled")
			}
			after.preferred = change.factor
		}
	}
	u.secondFactors = after
	return nil
}
