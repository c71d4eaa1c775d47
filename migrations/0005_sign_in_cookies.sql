-- A sign-in under way is sealed into a cookie of its browser: strangers write nothing here.
DROP TABLE sign_ins;
