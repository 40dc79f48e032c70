import { hidden, html } from './html';
import type { Html } from './html';

const whole = (title: string, body: Html): Html =>
  html`<!DOCTYPE html>
    <html>
      <head>
        <title>${title}</title>
      </head>
      <body>
        ${body}
      </body>
    </html>`;

/** The first page: a form that posts itself on to the real login page. */
export const bouncePage = (action: string, fields: Readonly<Record<string, string>>): Html =>
  whole(
    'Login',
    html`<form name="frmLog" method="post" action="${action}">${inputs(fields)}</form>
      <script>
        document.frmLog.submit();
      </script>`,
  );

export const unknownKeyPage = (text: string): Html => whole('Error', html`<p>${text}</p>`);

/** The login page, with the element ids of the real one. */
export const loginPage = (fields: Readonly<Record<string, string>>): Html =>
  whole(
    'Login',
    html`<div id="dvloginmain">
        <form name="frmLogin" method="post">
          <input type="text" id="txtuid" name="txtuid" maxlength="50" />
          <input type="password" id="txtPass" name="txtPass" maxlength="32" />
          <input type="checkbox" id="chkssTnc" name="chkssTnc" value="Y" />
          <input type="button" id="btnSubmit" value="Login" onclick="submitform()" />
          ${inputs(fields)}
        </form>
      </div>
      <div id="dvgetotp"></div>`,
  );

/** What the background call puts into the page: six boxes of one digit. */
export const otpFragment = (fields: Readonly<Record<string, string>>, totp: boolean): Html =>
  html`<div id="pnlOTP">
    <div></div>
    <div>
      <div></div>
      <div>
        <div>${totp ? 'Verify TOTP' : 'Verify OTP'}</div>
        <div></div>
        <div><div>${boxes}</div></div>
        ${inputs(fields)}<input type="button" id="Button1" value="Submit" onclick="submitotp()" />
      </div>
    </div>
  </div>`;

const boxes: readonly Html[] = Array.from(
  { length: 6 },
  () => html`<div><input type="text" inputmode="decimal" tg-nm="otp" maxlength="1" /></div>`,
);

/** A refusal inside the page. */
export const errorFragment = (text: string): Html =>
  html`<div class="text-danger error" id="errmsg">${text}</div>`;

/** What is shown when the page itself failed. */
export const pageErrorFragment = (text: string): Html =>
  html`<div id="pageerror" class="error">pageerror: ${text}</div>`;

/** After failures: a picture to be typed off. */
export const captchaFragment = (): Html =>
  html`<div id="SHWCAP">
    <img id="imgcaptcha" alt="captcha" src="data:," /><input id="txtcaptcha" />
  </div>`;

/** The last page: a form that posts the number of the login to the app. */
export const donePage = (redirect: string, apiSession: string): Html =>
  whole(
    'Redirecting',
    html`<form name="frmRedirect" method="post" action="${redirect}">
        ${hidden('API_Session', apiSession)}
      </form>
      <script>
        document.frmRedirect.submit();
      </script>`,
  );

const inputs = (fields: Readonly<Record<string, string>>): readonly Html[] =>
  Object.entries(fields).map(([name, value]) => hidden(name, value));
