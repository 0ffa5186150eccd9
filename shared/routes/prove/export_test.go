package prove

// CheckForm is Check of the policies in a form, or a later one.
var CheckForm = checkForm
