#!/usr/bin/perl
# Mail that assayd signed behind a real Postfix and a real Sendmail, as it left
# them, and what others say of its signatures: dkimpy and opendkim know both
# algorithms, Mail::DKIM knows RSA.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::DNS;
use Assay::Dir qw(slurp spew);
use Assay::Fetched qw(need program with_libraries);
use Assay::Postfix;
use Assay::Sendmail;
use Assay::Sink;
use Assay::SMTP qw(crlf);
use Assay::World qw(mail_text);

need(qw(postfix sendmail knotd opendkim));
my $top = $ENV{top_srcdir} // '.';
my $world = Assay::World->new;
my $dir = $world->dir;
my $assayd = $world->assayd(socket_mode => '0666', SOCKET => 'unix');
my %messages = (
    plain     => mail_text(from => 'Alice <alice@shop.example>'),
    folded    => mail_text(from => 'alice@shop.example', subject => "a long\n subject\n\tfolded twice",
        to => "One <one\@far.example>,\n  Two <two\@far.example>"),
    eight_bit => mail_text(from => "J\xc3\xb6rg <alice\@shop.example>", body => "gr\xc3\xbc\xc3\x9fe\n"),
    empty     => mail_text(from => 'alice@shop.example', body => ''),
    blanks    => mail_text(from => 'alice@shop.example', subject => "x \t ", body => "a \t\nb\n\n\n"),
    list      => mail_text(from => 'alice@shop.example', fields => ['List-Unsubscribe: <https://x.example/u>',
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click', 'Reply-To: a@shop.example', 'Cc: c@far.example']),
);

# The records as the name server has them.
my @selectors = qw(testr teste);
my ($records, $odkim) = ('', '');
for my $s (@selectors) {
    my $name = "$s._domainkey.shop.example";
    my $text = Assay::DNS::ask($world->dns->port, $name, 'TXT', tcp => 1)->{data}[0];
    $records .= "$name\t$text\n";
    $odkim .= "$name $text\n";
}
$dir->write('records', $records);
$dir->write('odkim', $odkim);
$dir->write('opendkim.conf', 'TestPublicKeys ' . $dir->path('odkim') . "\nMaximumHeaders 0\n");

sub said {
    my ($name, @command) = @_;
    my $out = $dir->path("said-$name");
    unlink $out;
    my $pid = Assay::Dir::spawn(command => [with_libraries(@command)], log => $out);
    Assay::Dir::stop($pid, 0, 60);
    return slurp($out);
}

sub verified {
    my ($mta, $name, $octets) = @_;
    my $file = $dir->write("$mta-$name.eml", $octets);
    my $python = said('dkimpy', '/usr/bin/python3', "$top/t/oracle/dkim_dkimpy.py", $dir->path('records'), $file);
    is scalar(() = $python =~ /\tpass\t/g), 2, "$mta, $name: dkimpy accepts both" or diag $python;
    my $perl = said('maildkim', 'perl', "$top/t/oracle/dkim_maildkim.pl", 'verify', $dir->path('records'), $file);
    is scalar(() = $perl =~ /\tpass$/mg), 1, "$mta, $name: Mail::DKIM accepts RSA" or diag $perl;
    my $opendkim = said('opendkim', program('opendkim'), '-x', $dir->path('opendkim.conf'), '-vv', '-t', $file);
    like $opendkim, qr/dkim=pass [^;]*header\.s=$_\b/, "$mta, $name: opendkim accepts $_" for @selectors;
    return;
}

sub submit {
    my ($client, $sink, $n, $text) = @_;
    my $reply = $client->deliver(from => 'alice@shop.example', to => 'x@far.example', data => $text);
    like $reply, qr/^250/, 'submitted';
    my @all = $sink->wait_messages($n, 15);
    return $all[-1]{data};
}

my $sink = Assay::Sink->new($dir);
my $postfix = Assay::Postfix->new($dir, sink => $sink->port, milters => [$assayd->postfix_socket]);
my $n = 0;
for my $name (sort keys %messages) {
    my $c = Assay::SMTP->new($postfix->port);
    verified('Postfix', $name, submit($c, $sink, ++$n, $messages{$name}));
}
my $other = Assay::Sink->new($dir, name => 'sink-sendmail');
my $sendmail = Assay::Sendmail->new($dir, sink => $other->port, milters => [assay => $assayd->sendmail_socket],
    mc => "define(`confMUST_QUOTE_CHARS', `')dnl\n");
$n = 0;
for my $name (sort keys %messages) {
    my $c = Assay::SMTP->new($sendmail->port);
    verified('Sendmail', $name, submit($c, $other, ++$n, $messages{$name}));
}
is $assayd->stop_daemon, 0, 'assayd ends well' or diag $assayd->log;
done_testing;
